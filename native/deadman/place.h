#pragma once
// One value of the kernel's, as text: a file, the slice of a task, or the sched_ext policy in force.
#include <cstdint>
#include <optional>
#include <string>

#include "core/slice_bases.h"
#include "deadman/knob_place.h"
#include "deadman/read.h"
#include "deadman/task.h"

namespace deadman {

/// Stands for the kernel's own slice: the task has none of its own.
inline constexpr const char* kOwn = "own";

/// Stands for the kernel's own scheduler.
inline constexpr const char* kNoPolicy = "none";

struct Item {
  Kind kind = Kind::file;
  /// A path; TID:START; for a policy which enabling of one it is (/sys/kernel/sched_ext/enable_seq), so that
  /// another of that name is not taken for it.
  std::string place;
  std::string before;
  std::string after;
  /// What tells the file or the task from a later one in its place, when it was staged; "-": nothing more
  /// than the place does. Empty: not looked at yet.
  std::string identity;
};

/// The place of an item, opened once for all that is done there. What it belonged to may be gone, and another
/// be there in its stead: that reads as ENOENT, and `is_another` says so.
class Place {
 public:
  explicit Place(const Item& item);
  Reading read();
  /// One write of the whole text; never makes a file. Returns an errno value.
  int write(const std::string& text);
  /// Of what is there now.
  const std::string& identity() const { return identity_; }
  bool is_another() const { return is_another_; }
  /// A task that went to another class than SCHED_OTHER and SCHED_BATCH: it has no slice while it is there.
  bool is_classless() const { return is_classless_; }
  /// EPERM: it is the place of no knob.
  int error() const { return error_; }

 private:
  Reading read_opened();
  Reading read_again();
  int write_slice(const std::string& text);
  bool is_task_there() const;
  int gone_or(int error) const;

  const Item& item_;
  tunesmith::Descriptor file_;
  std::optional<TaskHandle> task_;
  std::string identity_ = "-";
  int error_ = 0;
  bool is_another_ = false;
  bool is_classless_ = false;
  bool was_read_ = false;
  /// Cannot be read or written from its beginning again: numbers in debugfs.
  bool is_stream_ = false;
};

/// The slices that count as the kernel's own, kept in the file `bases` of the lists' directory.
tunesmith::SliceBases& bases();
void keep_bases_in(const std::string& dir);

/// Whether what was read is the value meant; `own` is whatever slice the kernel gave in this boot.
bool is_value(const Item& item, const std::string& read, const std::string& meant);

}  // namespace deadman
