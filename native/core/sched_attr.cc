#include "core/sched_attr.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <thread>

namespace tunesmith {
namespace {

constexpr std::uint32_t kOther = 0, kBatch = 3;
constexpr std::uint64_t kKeepPolicy = 0x08;  // also keeps reset-on-fork; KEEP_PARAMS would drop the slice
constexpr std::uint64_t kShortestNs = 100'000;

/// struct sched_attr, first version; glibc before 2.41 declares none, and newer ones clash with the kernel's
/// header.
struct Attr {
  std::uint32_t size = sizeof(Attr);
  std::uint32_t policy = 0;
  std::uint64_t flags = 0;
  std::int32_t nice = 0;
  std::uint32_t priority = 0;
  std::uint64_t runtime = 0;
  std::uint64_t deadline = 0;
  std::uint64_t period = 0;
};

Outcome failed(const char* call) {
  const int error = errno;
  if (error == ESRCH) return {error, "the task is gone"};
  if (error == EPERM)
    return {error,
            std::string(call) + " is refused: the task belongs to another user, and CAP_SYS_NICE is missing"};
  return {error, std::string(call) + " failed: " + errno_name(error) + ", " + std::strerror(error)};
}

}  // namespace

TaskSched read_sched(int tid) {
  Attr attr;
  if (syscall(SYS_sched_getattr, tid, &attr, sizeof attr, 0) != 0)
    return {.outcome = failed("sched_getattr(2)")};
  return {{}, attr.policy, attr.nice, attr.flags, attr.runtime};
}

bool takes_slice(std::uint32_t policy) {
  return policy == kOther || policy == kBatch;
}

Outcome set_slice(int tid, std::uint64_t slice_ns) {
  const TaskSched now = read_sched(tid);
  if (!now.outcome.ok()) return now.outcome;
  if (!takes_slice(now.policy))
    return {EINVAL, "only tasks of SCHED_OTHER and SCHED_BATCH take a slice, and this one has policy " +
                        std::to_string(now.policy)};
  Attr attr;
  attr.flags = kKeepPolicy;
  attr.nice = now.nice;
  attr.runtime = slice_ns;
  return syscall(SYS_sched_setattr, tid, &attr, 0) == 0 ? Outcome{} : failed("sched_setattr(2)");
}

SliceSupport probe_slices() {
  SliceSupport found;
  std::thread([&found] {
    found.outcome = set_slice(0, kShortestNs);
    if (!found.outcome.ok()) return;
    if (read_sched(0).slice_ns != kShortestNs) {
      found.outcome = {EOPNOTSUPP,
                       "this kernel gives tasks no slice of their own: that came with Linux 6.12"};
      return;
    }
    found.outcome = set_slice(0, 0);
    found.base_ns = read_sched(0).slice_ns;
  }).join();
  return found;
}

}  // namespace tunesmith
