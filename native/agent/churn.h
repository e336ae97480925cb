#pragma once
// What makes a scheduler's life hard from outside: masks, cgroups and CPUs that change, real-time tasks, and
// work for the kernel's own per-CPU threads.
#include <atomic>
#include <cstdint>
#include <vector>

#include "samples.h"
#include "window.h"

namespace agent {

/// Threads to be pushed about, by tid; 0 until a thread has said who it is.
using Victims = std::vector<std::atomic<int>>;

/// Each runs until the window is over, one act every `period_ns`, and leaves the machine as it found it.
/// They throw std::runtime_error when the kernel refuses.

/// Gives one victim a random set of CPUs.
void churn_affinity(const Window& window, const Victims& victims, std::uint64_t seed,
                    std::uint64_t period_ns);
/// Moves victims by turns into a new cgroup of random weight, and removes the one before.
void churn_cgroups(const Window& window, const Victims& victims, std::uint64_t seed, std::uint64_t period_ns);
/// Takes the last CPU offline and back.
void churn_cpus(const Window& window, std::uint64_t period_ns);
/// A SCHED_FIFO task that takes `percent` of a CPU, 10 ms at a time.
void hog_in_real_time(const Window& window, std::uint64_t percent);
/// Has every CPU's kernel worker do something (vm.stat_refresh) and books in `took` how long all of them
/// needed.
void wake_kernel_workers(const Window& window, std::uint64_t period_ns, Samples& took);

}  // namespace agent
