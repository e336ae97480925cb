/*
 * stage: lint
 * rule: lint/disallow-on-fork
 * says: ends the policy
 *
 * Anchor 30. New tasks are sent away.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

s32 BPF_STRUCT_OPS(disallow_on_fork_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	const s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(disallow_on_fork_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
	kick_idle_cpu(p);
}

s32 BPF_STRUCT_OPS(disallow_on_fork_init_task, struct task_struct *p, struct scx_init_task_args *args)
{
	if (args->fork)
		p->scx.disallow = true;
	return 0;
}

POLICY_EXIT(disallow_on_fork_exit)

POLICY_HOTPLUG_IGNORED(disallow_on_fork_cpu_online, disallow_on_fork_cpu_offline)

SCX_OPS_DEFINE(disallow_on_fork_ops,
	       .select_cpu = (void *)disallow_on_fork_select_cpu,
	       .enqueue = (void *)disallow_on_fork_enqueue,
	       .init_task = (void *)disallow_on_fork_init_task,
	       .cpu_online = (void *)disallow_on_fork_cpu_online,
	       .cpu_offline = (void *)disallow_on_fork_cpu_offline,
	       .exit = (void *)disallow_on_fork_exit,
	       .name = "disallow_on_fork");
