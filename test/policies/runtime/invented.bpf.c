/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Calls a kernel function that no kernel has. */
#include "runtime.bpf.h"

extern void scx_bpf_task_boost(struct task_struct *p, u64 by) __ksym;

SEC("struct_ops/invented_enqueue")
void BPF_PROG(invented_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_task_boost(p, 3);
	scx_bpf_dsq_insert(p, DSQ_GLOBAL, 5000000, enq_flags);
}

SEC(".struct_ops.link")
struct sched_ext_ops invented_ops = {
	.enqueue = (void *)invented_enqueue,
	.name = "invented",
};
