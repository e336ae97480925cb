#pragma once
// A task's own EEVDF slice: what sched_setattr(2) calls runtime, which tasks of the fair class have since
// Linux 6.12.
#include <cstdint>

#include "core/outcome.h"

namespace tunesmith {

/// What sched_getattr(2) says of a task; meaningful when `outcome` is ok.
struct TaskSched {
  Outcome outcome;
  /// SCHED_OTHER 0, SCHED_FIFO 1, SCHED_RR 2, SCHED_BATCH 3, SCHED_IDLE 5, SCHED_DEADLINE 6, SCHED_EXT 7.
  std::uint32_t policy = 0;
  std::int32_t nice = 0;
  /// SCHED_FLAG_* of include/uapi/linux/sched.h.
  std::uint64_t flags = 0;
  /// ns. A task without a slice of its own shows the kernel's; before Linux 6.12 it is 0.
  std::uint64_t slice_ns = 0;
};

/// Reads a task's scheduling attributes. `tid` 0 is the calling thread.
TaskSched read_sched(int tid);

/// Whether tasks of that policy take a slice: SCHED_OTHER and SCHED_BATCH.
bool takes_slice(std::uint32_t policy);

/// Gives a task a slice of its own, or with 0 the kernel's; policy, nice and flags stay. The kernel holds
/// values to 0.1-100 ms without a word, so read back what it made of it. EINVAL for tasks that are neither
/// SCHED_OTHER nor SCHED_BATCH, ESRCH when the task is gone, EPERM for another user's without CAP_SYS_NICE.
Outcome set_slice(int tid, std::uint64_t slice_ns);

/// Whether this kernel knows slices of a task, and the one it gives to those that have none.
struct SliceSupport {
  Outcome outcome;
  std::uint64_t base_ns = 0;
};

/// Finds out by trying both on a thread of its own, which ends before this returns.
SliceSupport probe_slices();

}  // namespace tunesmith
