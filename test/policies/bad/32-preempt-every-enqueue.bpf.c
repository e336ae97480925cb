/*
 * stage: lint
 * rule: lint/preempt-every-enqueue
 * says: every enqueue preempts
 *
 * Anchor 20. An interrupt for each wake-up.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

s32 BPF_STRUCT_OPS(preempt_every_enqueue_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	const s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(preempt_every_enqueue_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
	scx_bpf_kick_cpu(scx_bpf_task_cpu(p), SCX_KICK_PREEMPT);
}

POLICY_EXIT(preempt_every_enqueue_exit)

POLICY_HOTPLUG_IGNORED(preempt_every_enqueue_cpu_online, preempt_every_enqueue_cpu_offline)

SCX_OPS_DEFINE(preempt_every_enqueue_ops,
	       .select_cpu = (void *)preempt_every_enqueue_select_cpu,
	       .enqueue = (void *)preempt_every_enqueue_enqueue,
	       .cpu_online = (void *)preempt_every_enqueue_cpu_online,
	       .cpu_offline = (void *)preempt_every_enqueue_cpu_offline,
	       .exit = (void *)preempt_every_enqueue_exit,
	       .name = "preempt_every_enqueue");
