#pragma once
// System-wide figures of one window, from counters the kernel keeps anyway.
#include <cstdint>
#include <nlohmann/json.hpp>
#include <vector>

#include "core/descriptor.h"

namespace agent {

struct Counters {
  std::uint64_t at_ns = 0;
  std::uint64_t switches = 0;      ///< /proc/stat ctxt
  std::uint64_t forks = 0;         ///< /proc/stat processes
  std::uint64_t migrations = 0;    ///< PERF_COUNT_SW_CPU_MIGRATIONS over all CPUs
  bool has_schedstat = false;      ///< the two below are known; a kernel without CONFIG_SCHEDSTATS lacks them
  std::uint64_t busy_ns = 0;       ///< /proc/schedstat, time tasks ran, all CPUs
  std::uint64_t run_delay_ns = 0;  ///< /proc/schedstat, time tasks waited on a run queue
};

/// Opens a software event on each CPU that is online, for as long as it lives; read() is cheap after that.
class CounterReader {
 public:
  CounterReader();
  Counters read() const;

 private:
  std::vector<tunesmith::Descriptor> migration_fds_;
};

/// Rates and shares between two readings: switches_per_s, migrations_per_s, forks_per_s, idle_share,
/// cpu_time_ns, runq_wait_ns_per_s (mean number of tasks waiting × 1e9 is its scale).
void report_counters(const Counters& from, const Counters& to, int cpus, nlohmann::json& metrics);

}  // namespace agent
