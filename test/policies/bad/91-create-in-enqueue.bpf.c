/*
 * stage: lint
 * rule: lint/wrong-context
 * says: it may sleep
 *
 * A queue for each task, made where nobody may sleep.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

s32 BPF_STRUCT_OPS(create_in_enqueue_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	const s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(create_in_enqueue_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_create_dsq(p->pid, -1);
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}

POLICY_EXIT(create_in_enqueue_exit)

POLICY_HOTPLUG_IGNORED(create_in_enqueue_cpu_online, create_in_enqueue_cpu_offline)

SCX_OPS_DEFINE(create_in_enqueue_ops,
	       .select_cpu = (void *)create_in_enqueue_select_cpu,
	       .enqueue = (void *)create_in_enqueue_enqueue,
	       .cpu_online = (void *)create_in_enqueue_cpu_online,
	       .cpu_offline = (void *)create_in_enqueue_cpu_offline,
	       .exit = (void *)create_in_enqueue_exit,
	       .name = "create_in_enqueue");
