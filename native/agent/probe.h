#pragma once
// One task that wakes up periodically, as cyclictest does: how late is it on a CPU?
#include "samples.h"
#include "window.h"

namespace agent {

/// Runs until the window is over: sleeps for half to one and a half `interval_ns`, books in `late` how far
/// past the asked time it ran, does `work_loops` of work. The jitter keeps it from locking step with the
/// tick.
void probe_wakeups(const Window& window, std::uint64_t seed, std::uint64_t interval_ns,
                   std::uint64_t work_loops, Samples& late);

}  // namespace agent
