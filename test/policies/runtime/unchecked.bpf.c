/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Follows a map's answer without looking whether there is one: the verifier must refuse it. */
#include "runtime.bpf.h"

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, u32);
	__type(value, u64);
} slices SEC(".maps");

SEC("struct_ops/unchecked_enqueue")
void BPF_PROG(unchecked_enqueue, struct task_struct *p, u64 enq_flags)
{
	u32 key = p->pid;
	u64 *slice = bpf_map_lookup_elem(&slices, &key);

	scx_bpf_dsq_insert(p, DSQ_GLOBAL, *slice, enq_flags);
}

SEC(".struct_ops.link")
struct sched_ext_ops unchecked_ops = {
	.enqueue = (void *)unchecked_enqueue,
	.name = "unchecked",
};
