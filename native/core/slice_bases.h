#pragma once
// The slices that the kernel gives to tasks without one of their own. A task that sleeps while base_slice_ns
// changes shows the former one until it runs again (se->slice is refreshed in place_entity and
// update_deadline, kernel/sched/fair.c), so every one of this boot counts as the kernel's own.
#include <cstdint>
#include <set>
#include <string>

namespace tunesmith {

class SliceBases {
 public:
  /// `file`: where those that were seen are kept, a line "BOOT-ID NS" each; "" for nowhere. Lines of other
  /// boots count for nothing. One that cannot be read or written is done without.
  /// `is_ours`: the calling thread may lose a slice of its own, so that no other is needed to look.
  explicit SliceBases(std::string file, bool is_ours = false);

  /// Every one known: those of the file, the kernel's defaults for any number of CPUs, the present one.
  const std::set<std::uint64_t>& known() const { return known_; }
  /// Whether that is one of them; asks the kernel again when it is not.
  bool has(std::uint64_t slice_ns);
  /// Reads the present one, and keeps it when it is new; 0 where tasks have no slices.
  std::uint64_t look();

 private:
  void load();
  void keep(std::uint64_t slice_ns);

  std::string file_;
  bool is_ours_;
  std::set<std::uint64_t> known_;
};

}  // namespace tunesmith
