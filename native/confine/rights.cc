#include "confine/rights.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/close_range.h>
#include <linux/securebits.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>

#include "core/descriptor.h"

namespace confine {
namespace {

/// Above what distributions, systemd and containers hand out; a process's number on top makes it its own.
constexpr uid_t kFirstUid = 0x70000000;

bool others_may_read(const struct stat& about) {
  const mode_t needed = S_ISDIR(about.st_mode) ? 05 : 04;
  return (about.st_mode & needed) == needed;
}

bool is_readable(const Plan& plan) {
  struct stat about {};
  const auto by_path = [&](const std::string& path) {
    return stat(path.c_str(), &about) != 0 || others_may_read(about);
  };
  const auto by_number = [&](int fd) { return fstat(fd, &about) == 0 && others_may_read(about); };
  return std::all_of(plan.read.begin(), plan.read.end(), by_path) &&
         std::all_of(plan.read_fds.begin(), plan.read_fds.end(), by_number);
}

bool hand_over(const Plan& plan, uid_t uid) {
  const auto by_path = [&](const std::string& path) {
    const tunesmith::Descriptor file(open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    return file.open() && fchown(file.get(), uid, uid) == 0;
  };
  return std::all_of(plan.write.begin(), plan.write.end(), by_path) &&
         std::all_of(plan.write_fds.begin(), plan.write_fds.end(),
                     [&](int fd) { return fchown(fd, uid, uid) == 0; });
}

/// No way to a capability that is not held; as root, for a user without rights may not even give this up.
void close_ways() {
  for (int one = 0; prctl(PR_CAPBSET_DROP, one, 0, 0, 0) == 0; ++one) {
  }
  prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  // Or a program run as root would get them all again.
  prctl(PR_SET_SECUREBITS, SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP |
                               SECBIT_NO_SETUID_FIXUP_LOCKED | SECBIT_KEEP_CAPS_LOCKED);
}

void drop_capabilities() {
  __user_cap_header_struct head{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct none[2] = {};
  syscall(SYS_capset, &head, none);
}

void limit(__rlimit_resource which, unsigned long most, unsigned long grace = 0) {
  const rlimit value{most, most + grace};
  setrlimit(which, &value);
}

}  // namespace

bool drop_identity(const Plan& plan, bool has_view) {
  close_ways();
  bool is_other = false;
  if (geteuid() == 0 && has_view && is_readable(plan)) {
    const uid_t uid = kFirstUid + static_cast<uid_t>(getpid());
    is_other = hand_over(plan, uid) && setgroups(0, nullptr) == 0 && setresgid(uid, uid, uid) == 0 &&
               setresuid(uid, uid, uid) == 0;
  }
  drop_capabilities();
  return is_other;
}

void set_limits(const Plan& plan, bool is_alone) {
  limit(RLIMIT_CORE, 0);
  limit(RLIMIT_MSGQUEUE, 0);
  limit(RLIMIT_MEMLOCK, 0);
  // SIGXCPU at the limit says why; two seconds later comes SIGKILL.
  if (plan.cpu_s != 0) limit(RLIMIT_CPU, plan.cpu_s, 2);
  if (plan.memory != 0) limit(RLIMIT_AS, plan.memory);
  if (plan.output != 0) limit(RLIMIT_FSIZE, plan.output);
  // Counted by user: where the user is somebody's, others' tasks count too.
  if (plan.tasks != 0 && is_alone) limit(RLIMIT_NPROC, plan.tasks);
  if (plan.wall_s != 0) alarm(plan.wall_s);
  syscall(SYS_close_range, plan.keep + 1, ~0U, CLOSE_RANGE_CLOEXEC);
}

}  // namespace confine
