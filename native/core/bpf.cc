#include "core/bpf.h"

#include <linux/bpf.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>

namespace tunesmith {
namespace {

/// Runs one bpf(2) command that returns a descriptor, and judges it.
Outcome attempt(bpf_cmd command, bpf_attr& attr) {
  const long fd = syscall(SYS_bpf, command, &attr, sizeof(attr));
  if (fd >= 0) {
    close(static_cast<int>(fd));
    return {};
  }
  const int error = errno;
  switch (error) {
    case EPERM:
      return {error,
              "the kernel refuses BPF to this process: it needs CAP_BPF (or root), outside a container that "
              "filters bpf(2)"};
    case ENOSYS:
      return {error, "this kernel has no bpf(2), or a seccomp filter hides it"};
    default:
      return {error, "bpf(2) failed: " + errno_name(error) + ", " + std::strerror(error)};
  }
}

}  // namespace

Outcome try_bpf_map() {
  bpf_attr attr{};
  attr.map_type = BPF_MAP_TYPE_ARRAY;
  attr.key_size = 4;
  attr.value_size = 4;
  attr.max_entries = 1;
  return attempt(BPF_MAP_CREATE, attr);
}

Outcome try_bpf_program() {
  bpf_insn program[2]{};
  program[0].code = BPF_ALU64 | BPF_MOV | BPF_K;  // r0 = 0
  program[1].code = BPF_JMP | BPF_EXIT;
  static const char license[] = "Dual MIT/GPL";

  bpf_attr attr{};
  attr.prog_type = BPF_PROG_TYPE_SOCKET_FILTER;
  attr.insns = reinterpret_cast<std::uintptr_t>(program);
  attr.insn_cnt = 2;
  attr.license = reinterpret_cast<std::uintptr_t>(license);
  return attempt(BPF_PROG_LOAD, attr);
}

}  // namespace tunesmith
