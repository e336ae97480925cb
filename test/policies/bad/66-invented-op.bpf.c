/*
 * stage: lint
 * rule: lint/unknown-op
 * says: pick_next_task
 *
 * An op of another scheduler interface.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

s32 BPF_STRUCT_OPS(invented_op_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	const s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(invented_op_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
	kick_idle_cpu(p);
}

POLICY_EXIT(invented_op_exit)

POLICY_HOTPLUG_IGNORED(invented_op_cpu_online, invented_op_cpu_offline)

SCX_OPS_DEFINE(invented_op_ops,
	       .select_cpu = (void *)invented_op_select_cpu,
	       .enqueue = (void *)invented_op_enqueue,
	       .cpu_online = (void *)invented_op_cpu_online,
	       .cpu_offline = (void *)invented_op_cpu_offline,
	       .exit = (void *)invented_op_exit,
	       .pick_next_task = (void *)invented_op_enqueue,
	       .name = "invented_op");
