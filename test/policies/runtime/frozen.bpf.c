/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Never returns from its first enqueue, as far as anybody will wait: the guest is lost. */
#include "runtime.bpf.h"

u64 turns;

static long turn(u64 index, void *context)
{
	turns++;
	return 0;
}

static long many(u64 index, void *context)
{
	bpf_loop(1 << 23, turn, NULL, 0);
	return 0;
}

SEC("struct_ops/frozen_enqueue")
void BPF_PROG(frozen_enqueue, struct task_struct *p, u64 enq_flags)
{
	bpf_loop(1 << 23, many, NULL, 0);
	scx_bpf_dsq_insert(p, DSQ_GLOBAL, 5000000, enq_flags);
}

SEC(".struct_ops.link")
struct sched_ext_ops frozen_ops = {
	.enqueue = (void *)frozen_enqueue,
	.name = "frozen",
};
