/*
 * stage: lint
 * rule: lint/floating-point
 * says: no floating point
 *
 * A factor with a point in it.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

s32 BPF_STRUCT_OPS(floating_point_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	const s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(floating_point_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
	kick_idle_cpu(p);
}

void BPF_STRUCT_OPS(floating_point_stopping, struct task_struct *p, bool runnable)
{
	double used = (SCX_SLICE_DFL - p->scx.slice) * 1.5;

	p->scx.dsq_vtime += used;
}

POLICY_EXIT(floating_point_exit)

POLICY_HOTPLUG_IGNORED(floating_point_cpu_online, floating_point_cpu_offline)

SCX_OPS_DEFINE(floating_point_ops,
	       .select_cpu = (void *)floating_point_select_cpu,
	       .enqueue = (void *)floating_point_enqueue,
	       .stopping = (void *)floating_point_stopping,
	       .cpu_online = (void *)floating_point_cpu_online,
	       .cpu_offline = (void *)floating_point_cpu_offline,
	       .exit = (void *)floating_point_exit,
	       .name = "floating_point");
