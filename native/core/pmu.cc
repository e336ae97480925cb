#include "core/pmu.h"

#include <linux/perf_event.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace tunesmith {

Outcome try_pmu() {
  perf_event_attr attr{};
  attr.size = sizeof(attr);
  attr.type = PERF_TYPE_HARDWARE;
  attr.config = PERF_COUNT_HW_CPU_CYCLES;
  attr.disabled = 1;
  attr.exclude_kernel = 1;  // all that perf_event_paranoid=2, a common default, leaves to plain users
  attr.exclude_hv = 1;
  const long fd = syscall(SYS_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
  if (fd >= 0) {
    close(static_cast<int>(fd));
    return {};
  }
  const int error = errno;
  switch (error) {
    case ENOENT:
    case EOPNOTSUPP:
    case ENODEV:
      return {error, "this CPU shows no performance counters, as in most virtual machines"};
    case EACCES:
    case EPERM:
      return {error, "perf_event_open(2) is refused: kernel.perf_event_paranoid, or a missing CAP_PERFMON"};
    default:
      return {error, "perf_event_open(2) failed: " + errno_name(error) + ", " + std::strerror(error)};
  }
}

}  // namespace tunesmith
