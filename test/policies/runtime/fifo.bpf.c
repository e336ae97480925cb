/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* One queue for all: works, and has one tunable of each kind, live counters, and enum constants to be filled. */
#include "runtime.bpf.h"

const volatile u64 slice_ns = 5000000;
const volatile s32 bias = -3;
const volatile bool eager = false;
const volatile u64 __SCX_DSQ_GLOBAL __weak;
const volatile u64 __SCX_NO_SUCH_CONSTANT __weak;

u64 live_slice_ns = 0;
u64 nr_enqueued = 0;

SEC("struct_ops/fifo_enqueue")
void BPF_PROG(fifo_enqueue, struct task_struct *p, u64 enq_flags)
{
	__sync_fetch_and_add(&nr_enqueued, 1);
	scx_bpf_dsq_insert(p, __SCX_DSQ_GLOBAL, live_slice_ns ?: slice_ns, enq_flags);
}

SEC("struct_ops/fifo_exit")
void BPF_PROG(fifo_exit, struct scx_exit_info *info)
{
	record_exit(info);
}

SEC(".struct_ops.link")
struct sched_ext_ops fifo_ops = {
	.enqueue = (void *)fifo_enqueue,
	.exit = (void *)fifo_exit,
	.timeout_ms = 20000,
	.name = "fifo",
};
