/*
 * stage: lint
 * rule: lint/read-only-task
 * says: cannot be written
 *
 * Policies may write three fields of a task, and this is none of them.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

s32 BPF_STRUCT_OPS(writes_priority_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	const s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(writes_priority_enqueue, struct task_struct *p, u64 enq_flags)
{
	p->prio = 100;
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}

POLICY_EXIT(writes_priority_exit)

POLICY_HOTPLUG_IGNORED(writes_priority_cpu_online, writes_priority_cpu_offline)

SCX_OPS_DEFINE(writes_priority_ops,
	       .select_cpu = (void *)writes_priority_select_cpu,
	       .enqueue = (void *)writes_priority_enqueue,
	       .cpu_online = (void *)writes_priority_cpu_online,
	       .cpu_offline = (void *)writes_priority_cpu_offline,
	       .exit = (void *)writes_priority_exit,
	       .name = "writes_priority");
