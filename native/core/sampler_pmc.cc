#include "core/sampler_pmc.h"

#include <linux/perf_event.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iterator>

#include "core/pmu.h"

namespace tunesmith {
namespace {

struct Event {
  const char* name;
  std::uint32_t type;
  std::uint64_t config;
};

constexpr Event kEvents[] = {
    {"cycles", PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES},
    {"instructions", PERF_TYPE_HARDWARE, PERF_COUNT_HW_INSTRUCTIONS},
    {"cache-references", PERF_TYPE_HARDWARE, PERF_COUNT_HW_CACHE_REFERENCES},
    {"cache-misses", PERF_TYPE_HARDWARE, PERF_COUNT_HW_CACHE_MISSES},
    {"branch-misses", PERF_TYPE_HARDWARE, PERF_COUNT_HW_BRANCH_MISSES},
    {"stalled-cycles-backend", PERF_TYPE_HARDWARE, PERF_COUNT_HW_STALLED_CYCLES_BACKEND},
    {"cpu-clock", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CPU_CLOCK},
    {"page-faults", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS},
    {"major-faults", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS_MAJ},
};

const Event& event_of(Pmc pmc) {
  return kEvents[static_cast<std::size_t>(pmc)];
}

/// A descriptor, or -1 and errno. Not pinned: with more events than counters the kernel lets them take turns.
int open_event(Pmc pmc, std::uint32_t cpu) {
  perf_event_attr attr{};
  attr.size = sizeof attr;
  attr.type = event_of(pmc).type;
  attr.config = event_of(pmc).config;
  attr.read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING;
  return static_cast<int>(
      syscall(SYS_perf_event_open, &attr, -1, static_cast<int>(cpu), -1, PERF_FLAG_FD_CLOEXEC));
}

[[noreturn]] void refused(Pmc pmc, int error) {
  throw SamplerError(error == EACCES || error == EPERM ? "no-permission" : "system",
                     std::string("perf_event_open(2) for ") + name_of(pmc) + ": " + std::strerror(error),
                     error, "needs CAP_PERFMON (or root); see kernel.perf_event_paranoid");
}

}  // namespace

const char* name_of(Pmc pmc) {
  return event_of(pmc).name;
}

bool is_hardware(Pmc pmc) {
  return event_of(pmc).type == PERF_TYPE_HARDWARE;
}

PmcEvents::PmcEvents(const std::vector<Pmc>& wanted, std::uint32_t cpus) : counted_(wanted) {
  const Outcome pmu = try_pmu();
  if (!pmu.ok() && std::any_of(wanted.begin(), wanted.end(), is_hardware)) {
    refusal_ = pmu.reason;
    std::erase_if(counted_, is_hardware);
    if (counted_.empty()) counted_ = {Pmc::cpu_clock, Pmc::page_faults, Pmc::major_faults};
  }
  for (std::size_t i = 0; i < counted_.size();) {
    bool open = false;
    int error = 0;
    std::vector<Descriptor> fds;
    for (std::uint32_t cpu = 0; cpu < cpus; ++cpu) {
      fds.emplace_back(open_event(counted_[i], cpu));
      if (fds.back().open())
        open = true;
      else if (errno != ENODEV || error == 0)
        error = errno;
    }
    if (open) {
      std::move(fds.begin(), fds.end(), std::back_inserter(fds_));
      ++i;
      continue;
    }
    // This CPU's PMU has no such event: it is left out, and the list says so.
    if (!is_hardware(counted_[i]) || (error != ENOENT && error != EOPNOTSUPP)) refused(counted_[i], error);
    refusal_ = std::string("this CPU has no event ") + name_of(counted_[i]);
    counted_.erase(counted_.begin() + static_cast<std::ptrdiff_t>(i));
  }
}

void PmcEvents::each(const std::function<void(std::uint32_t, int)>& visit) const {
  for (std::uint32_t i = 0; i < fds_.size(); ++i)
    if (fds_[i].open()) visit(i, fds_[i].get());
}

}  // namespace tunesmith
