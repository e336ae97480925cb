#pragma once
// Can this process use BPF? The only honest answer is to try.
#include "core/outcome.h"

namespace tunesmith {

/// Makes an array map of one 4-byte value and closes it again.
Outcome try_bpf_map();

/// Loads `r0 = 0; exit` as a socket filter, attached to nothing, and closes it again.
Outcome try_bpf_program();

}  // namespace tunesmith
