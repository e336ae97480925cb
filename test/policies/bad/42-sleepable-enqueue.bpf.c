/*
 * stage: lint
 * rule: lint/sleepable-hot-op
 * says: cannot sleep
 *
 * Anchor 23. A callback in the hot path is declared sleepable.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

s32 BPF_STRUCT_OPS(sleepable_enqueue_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	const s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS_SLEEPABLE(sleepable_enqueue_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
	kick_idle_cpu(p);
}

POLICY_EXIT(sleepable_enqueue_exit)

POLICY_HOTPLUG_IGNORED(sleepable_enqueue_cpu_online, sleepable_enqueue_cpu_offline)

SCX_OPS_DEFINE(sleepable_enqueue_ops,
	       .select_cpu = (void *)sleepable_enqueue_select_cpu,
	       .enqueue = (void *)sleepable_enqueue_enqueue,
	       .cpu_online = (void *)sleepable_enqueue_cpu_online,
	       .cpu_offline = (void *)sleepable_enqueue_cpu_offline,
	       .exit = (void *)sleepable_enqueue_exit,
	       .name = "sleepable_enqueue");
