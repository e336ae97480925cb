#pragma once
// A task and what tells it from a later one with its number.
#include <cstdint>
#include <string>
#include <vector>

#include "core/descriptor.h"

namespace deadman {

/// A task as undo lists name it, TID:START. 0:0 for what is no such name.
struct TaskName {
  int tid = 0;
  /// Clock ticks after boot.
  std::uint64_t start = 0;
};
TaskName task_named(const std::string& text);
std::string name_of(int tid, std::uint64_t start);

/// What /proc/TID/stat says; `start` 0: it is gone.
struct TaskStat {
  int parent = 0;
  bool is_kernel_thread = false;
  std::uint64_t start = 0;
};
TaskStat stat_of(int tid);
/// The process (thread group) of a task; 0 when it is gone.
int process_of(int tid);

/// The very task that has a number now: a pidfd, so that its end is seen whoever has the number afterwards.
/// Where the kernel has none of threads (before Linux 6.9), the start alone tells.
class TaskHandle {
 public:
  explicit TaskHandle(int tid);
  /// pidfs's number of the task, which is never used twice in a boot; "-" where there is none.
  std::string identity() const;
  /// It has ended, as far as the handle tells.
  bool has_ended() const;

 private:
  tunesmith::Descriptor fd_;
  bool is_gone_ = false;
};

/// The names in a directory that are numbers.
std::vector<int> numbers_in(const std::string& dir);

}  // namespace deadman
