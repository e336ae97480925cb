/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Takes every task and never hands one out; keeps no exit record, so only the kernel's log tells why it ended. */
#include "runtime.bpf.h"

#define HOARD 7

SEC("struct_ops/hoarder_enqueue")
void BPF_PROG(hoarder_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, HOARD, 5000000, enq_flags);
}

SEC("struct_ops.s/hoarder_init")
s32 BPF_PROG(hoarder_init)
{
	return scx_bpf_create_dsq(HOARD, -1);
}

SEC(".struct_ops.link")
struct sched_ext_ops hoarder_ops = {
	.enqueue = (void *)hoarder_enqueue,
	.init = (void *)hoarder_init,
	.name = "hoarder",
};
