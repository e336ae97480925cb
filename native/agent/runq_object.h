#pragma once
// bpf/runq.bpf.c as an object to load. C, because what bpftool generates is no C++.
#include "../../bpf/runq.h"

#ifdef __cplusplus
extern "C" {
#endif

/// Loads and attaches it for the rest of this process's life: its sums as shared memory. NULL with errno set
/// when BPF is refused or the kernel lacks what the program reads.
const volatile struct runq_state* runq_object_load(unsigned possible_cpus);

#ifdef __cplusplus
}
#endif
