/*
 * stage: lint
 * rule: lint/zero-slice-running
 * says: ended as it begins
 *
 * Anchor 13. ops.running takes the slice away again.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

s32 BPF_STRUCT_OPS(slice_zero_running_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	const s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(slice_zero_running_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
	kick_idle_cpu(p);
}

void BPF_STRUCT_OPS(slice_zero_running_running, struct task_struct *p)
{
	p->scx.slice = 0;
}

POLICY_EXIT(slice_zero_running_exit)

POLICY_HOTPLUG_IGNORED(slice_zero_running_cpu_online, slice_zero_running_cpu_offline)

SCX_OPS_DEFINE(slice_zero_running_ops,
	       .select_cpu = (void *)slice_zero_running_select_cpu,
	       .enqueue = (void *)slice_zero_running_enqueue,
	       .running = (void *)slice_zero_running_running,
	       .cpu_online = (void *)slice_zero_running_cpu_online,
	       .cpu_offline = (void *)slice_zero_running_cpu_offline,
	       .exit = (void *)slice_zero_running_exit,
	       .name = "slice_zero_running");
