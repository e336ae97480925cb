#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <vector>

#include "confine/rights.h"

namespace confine {
namespace {

#if defined(__x86_64__)
constexpr unsigned kArchitecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr unsigned kArchitecture = AUDIT_ARCH_AARCH64;
#else
#error "tunesmith-confine knows x86-64 and arm64"
#endif

/// Numbers from here on are of the x32 interface.
constexpr unsigned kForeign = 0x40000000;

/// What a compiler or an emulator has no business with. Sockets it was handed go on working.
constexpr unsigned kForbidden[] = {
    // to reach others
    SYS_socket,
    SYS_io_uring_setup,
    SYS_io_uring_enter,
    SYS_io_uring_register,
    SYS_shmget,
    SYS_msgget,
    SYS_semget,
    SYS_mq_open,
    // to look into others
    SYS_ptrace,
    SYS_process_vm_readv,
    SYS_process_vm_writev,
    SYS_kcmp,
    SYS_pidfd_open,
    SYS_pidfd_getfd,
    // to signal others: tgkill reaches a thread of this process
    SYS_pidfd_send_signal,
    SYS_tkill,
    SYS_perf_event_open,
    SYS_bpf,
    SYS_userfaultfd,
    SYS_keyctl,
    SYS_add_key,
    SYS_request_key,
    // to change its view
    SYS_mount,
    SYS_umount2,
    SYS_pivot_root,
    SYS_chroot,
    SYS_unshare,
    SYS_setns,
    SYS_open_tree,
    SYS_move_mount,
    SYS_fsopen,
    SYS_fsconfig,
    SYS_fsmount,
    SYS_fspick,
    SYS_mount_setattr,
    SYS_open_by_handle_at,
    SYS_name_to_handle_at,
    SYS_mknodat,
    // to stop its clock, or change how it looks to the kernel
    SYS_setitimer,
    SYS_personality,
    // to administer the machine
    SYS_init_module,
    SYS_finit_module,
    SYS_delete_module,
    SYS_kexec_load,
    SYS_kexec_file_load,
    SYS_reboot,
    SYS_swapon,
    SYS_swapoff,
    SYS_settimeofday,
    SYS_clock_settime,
    SYS_adjtimex,
    SYS_clock_adjtime,
    SYS_acct,
    SYS_quotactl,
    SYS_syslog,
    SYS_sethostname,
    SYS_setdomainname,
#if defined(__x86_64__)
    SYS_fork,
    SYS_vfork,
    SYS_mknod,
    SYS_alarm,
    SYS_iopl,
    SYS_ioperm,
    SYS_modify_ldt,
#endif
};

/// Their first argument is a process, which has to be this one: by its number, for prlimit64 by 0.
constexpr unsigned kAboutOne[] = {
    SYS_kill, SYS_tgkill, SYS_rt_sigqueueinfo, SYS_rt_tgsigqueueinfo, SYS_prlimit64,
};

constexpr sock_filter load(std::size_t offset) {
  return BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<unsigned>(offset));
}
constexpr sock_filter answer(unsigned with) {
  return BPF_STMT(BPF_RET | BPF_K, with);
}
/// Passes over the next instruction unless the loaded word equals `value`.
constexpr sock_filter if_is(unsigned value) {
  return BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1);
}

}  // namespace

bool filter_calls() {
  constexpr unsigned kNo = SECCOMP_RET_ERRNO | EPERM;
  std::vector<sock_filter> rules = {
      load(offsetof(seccomp_data, arch)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kArchitecture, 1, 0),
      answer(SECCOMP_RET_KILL_PROCESS),
      load(offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, kForeign, 0, 1),
      answer(SECCOMP_RET_ERRNO | ENOSYS),
      // The C library then asks by clone, whose flags can be looked at.
      if_is(SYS_clone3),
      answer(SECCOMP_RET_ERRNO | ENOSYS),
  };
  for (const unsigned call : kForbidden) rules.insert(rules.end(), {if_is(call), answer(kNo)});
  // The program that is started in this one's place keeps its number.
  const auto self = static_cast<unsigned>(getpid());
  for (const unsigned call : kAboutOne)
    rules.insert(rules.end(), {
                                  BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 4),
                                  load(offsetof(seccomp_data, args)),
                                  if_is(call == SYS_prlimit64 ? 0 : self),
                                  answer(SECCOMP_RET_ALLOW),
                                  answer(kNo),
                              });
  // A thread is fine, a process is not: nothing may stay when this one ends.
  rules.insert(rules.end(), {
                                BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 0, 3),
                                load(offsetof(seccomp_data, args)),
                                BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, CLONE_THREAD, 1, 0),
                                answer(kNo),
                                answer(SECCOMP_RET_ALLOW),
                            });
  const sock_fprog program{static_cast<unsigned short>(rules.size()), rules.data()};
  return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0;
}

}  // namespace confine
