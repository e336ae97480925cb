#pragma once
// What the sampler (native/core/sampler.h) saw of all tasks in a window, whatever the workload is.
#include <nlohmann/json.hpp>
#include <string>

#include "core/sampler.h"

namespace agent {

/// Opens the sampler for the rest of this process's life. Without BPF there is none, and `why_no_latency`
/// says the reason; a second call does nothing.
void watch_latency();
/// Takes the programs off again: to see what a load does without them.
void unwatch_latency();
bool latency_watched();
const std::string& why_no_latency();

/// Only while watched.
tunesmith::Snapshot read_latency();

/// Between two readings: runq_latency_{p50,p99,p999,mean}_ns, slice_{p50,p99}_ns, and service_jain, Jain's
/// index of what part of the time that they could have run the tasks did run (of those that could for 1 ms or
/// more). A figure without samples is left out. Where the guest has a PMU also cycles_per_s and, on one CPU,
/// instructions_per_s and ipc, of all tasks while they ran.
void report_latency(const tunesmith::Snapshot& from, const tunesmith::Snapshot& to, nlohmann::json& metrics);

}  // namespace agent
