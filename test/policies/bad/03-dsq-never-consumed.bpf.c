/*
 * stage: lint
 * rule: lint/unconsumed-dsq
 * says: nothing ever takes them off
 *
 * Anchor 2. A queue is created and filled, and there is no dispatch.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

#define QUEUE 0

s32 BPF_STRUCT_OPS(dsq_never_consumed_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	const s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(dsq_never_consumed_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, QUEUE, SCX_SLICE_DFL, enq_flags);
	kick_idle_cpu(p);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(dsq_never_consumed_init)
{
	return scx_bpf_create_dsq(QUEUE, -1);
}

POLICY_EXIT(dsq_never_consumed_exit)

POLICY_HOTPLUG_IGNORED(dsq_never_consumed_cpu_online, dsq_never_consumed_cpu_offline)

SCX_OPS_DEFINE(dsq_never_consumed_ops,
	       .select_cpu = (void *)dsq_never_consumed_select_cpu,
	       .enqueue = (void *)dsq_never_consumed_enqueue,
	       .init = (void *)dsq_never_consumed_init,
	       .cpu_online = (void *)dsq_never_consumed_cpu_online,
	       .cpu_offline = (void *)dsq_never_consumed_cpu_offline,
	       .exit = (void *)dsq_never_consumed_exit,
	       .name = "dsq_never_consumed");
