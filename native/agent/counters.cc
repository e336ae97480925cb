#include "counters.h"

#include <linux/perf_event.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <sstream>

#include "sys.h"

namespace agent {

/// Not open when the CPU has just gone offline.
static tunesmith::Descriptor open_migrations(int cpu) {
  perf_event_attr attr{};
  attr.size = sizeof attr;
  attr.type = PERF_TYPE_SOFTWARE;
  attr.config = PERF_COUNT_SW_CPU_MIGRATIONS;
  const long fd = syscall(SYS_perf_event_open, &attr, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC);
  if (fd < 0 && errno != ENODEV) fail("perf_event_open cpu-migrations", "cpu" + std::to_string(cpu));
  return tunesmith::Descriptor(static_cast<int>(fd));
}

CounterReader::CounterReader() {
  for (const int cpu : online_cpu_numbers())
    if (auto fd = open_migrations(cpu); fd.open()) migration_fds_.push_back(std::move(fd));
}

static void read_proc_stat(Counters& out) {
  std::istringstream lines(read_file("/proc/stat"));
  for (std::string key; lines >> key;) {
    if (key == "ctxt") lines >> out.switches;
    if (key == "processes") lines >> out.forks;
    lines.ignore(1 << 20, '\n');
  }
}

// A cpu line of /proc/schedstat: six counters, then run time, run delay (ns) and slices; see
// Documentation/scheduler/sched-stats.rst.
static void read_schedstat(Counters& out) {
  out.has_schedstat = exists("/proc/schedstat");
  if (!out.has_schedstat) return;
  std::istringstream lines(read_file("/proc/schedstat"));
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("cpu")) continue;
    std::istringstream fields(line);
    std::string name;
    std::uint64_t value[9] = {};
    fields >> name;
    for (std::uint64_t& field : value) fields >> field;
    out.busy_ns += value[6];
    out.run_delay_ns += value[7];
  }
}

Counters CounterReader::read() const {
  Counters out;
  out.at_ns = now_ns();
  read_proc_stat(out);
  read_schedstat(out);
  for (const tunesmith::Descriptor& fd : migration_fds_) {
    std::uint64_t count = 0;
    if (::read(fd.get(), &count, sizeof count) != sizeof count) fail("read", "cpu-migrations event");
    out.migrations += count;
  }
  return out;
}

void report_counters(const Counters& from, const Counters& to, int cpus, nlohmann::json& metrics) {
  const double seconds = static_cast<double>(to.at_ns - from.at_ns) / 1e9;
  const auto rate = [&](std::uint64_t a, std::uint64_t b) { return static_cast<double>(b - a) / seconds; };
  const double capacity = seconds * 1e9 * cpus;
  const double busy = static_cast<double>(to.busy_ns - from.busy_ns);
  metrics["switches_per_s"] = rate(from.switches, to.switches);
  metrics["migrations_per_s"] = rate(from.migrations, to.migrations);
  metrics["forks_per_s"] = rate(from.forks, to.forks);
  if (!to.has_schedstat) return;
  metrics["cpu_time_ns"] = to.busy_ns - from.busy_ns;
  metrics["idle_share"] = std::clamp(1 - busy / capacity, 0.0, 1.0);
  metrics["runq_waiting"] = static_cast<double>(to.run_delay_ns - from.run_delay_ns) / (seconds * 1e9);
}

}  // namespace agent
