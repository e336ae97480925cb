#pragma once
// One change: putting its undo list in force, keeping it, putting it back.
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/descriptor.h"
#include "deadman/list.h"

namespace deadman {

/// How many items came to what end.
struct Tally {
  int back = 0;
  int as_before = 0;
  int foreign = 0;
  int gone = 0;
  int stuck = 0;
};

class Undo {
 public:
  static std::optional<Undo> create(const std::string& dir, const std::string& id, const std::string& items,
                                    Failure& failure);
  static std::optional<Undo> open(const std::string& dir, const std::string& id, Failure& failure);

  const std::string& state() const { return list_.state(); }
  /// Whether it was written in this boot: values of another are gone with it.
  bool is_of_this_boot() const { return list_.boot() == boot_id(); }

  /// Puts every item in force, each read back, then the tasks that have come to its scope meanwhile. The
  /// first that fails undoes all: "" or what failed, "INDEX <tab> foreign|gone|kept|ERRNO <tab> what was
  /// found".
  std::string apply();
  /// Tasks that `apply` has found beyond those that were asked for.
  std::size_t late() const { return list_.items().size() - asked_; }
  /// Keeps what is in force: "" or, when an item is not what was staged and it is not forced, "INDEX <tab>
  /// WHAT <tab> FOUND <tab> HOW-MANY", WHAT being foreign or gone. Tasks that have ended are no obstacle
  /// unless all have.
  std::string commit(bool is_forced);
  /// Puts every item back that we wrote, the last first, and leaves what is somebody else's. False: something
  /// is stuck.
  bool revert(const std::string& reason);
  /// Takes over what is to be closed when it is put back, such as BPF links: the kernel closes them when we
  /// die, too.
  void hold(std::vector<tunesmith::Descriptor> links) { links_ = std::move(links); }
  bool holds_links() const { return !links_.empty(); }

  Tally tally() const;
  /// For people: a line for each item that is not back, each beginning with `head`.
  std::string remarks(const std::string& head) const;

 private:
  explicit Undo(List list) : list_(std::move(list)), asked_(list_.items().size()) {}

  std::string apply_one(std::size_t item, bool& is_in_force);
  bool apply_late();
  Fate undo(std::size_t item);
  bool revert_heirs();

  List list_;
  std::size_t asked_;
  std::vector<tunesmith::Descriptor> links_;
};

}  // namespace deadman
