#pragma once
#include <nlohmann/json.hpp>
#include <string>

namespace agent {

/// Sums of bpf/runq.bpf.c at one instant; times in ns.
struct Queues {
  std::uint64_t at_ns = 0;
  std::uint64_t queued_ns = 0;    ///< waiting tasks × time
  std::uint64_t stranded_ns = 0;  ///< time in which a CPU was idle while a task waited on another
};

/// Loads and attaches the program for the rest of this process's life. Without BPF there is none, and
/// `why_not` says the reason; a second call does nothing.
void watch_queues();
bool queues_watched();
const std::string& why_not();

/// The sums up to now. Only while watched.
Queues read_queues();

/// queued_mean and idle_while_queued_share between two readings.
void report_queues(const Queues& from, const Queues& to, nlohmann::json& metrics);

}  // namespace agent
