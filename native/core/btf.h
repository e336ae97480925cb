#pragma once
// The kernel's own type description, which CO-RE programs are fitted to.
#include <cstdint>
#include <string>

#include "core/outcome.h"

namespace tunesmith {

struct Btf {
  Outcome outcome;          ///< ENOENT: no such file; EINVAL: not BTF of this machine's byte order
  std::uint64_t bytes = 0;  ///< size of the blob, 0 unless the outcome is ok
};

/// Opens a BTF blob (the kernel's is /sys/kernel/btf/vmlinux) and checks its header.
Btf read_btf(const std::string& path);

}  // namespace tunesmith
