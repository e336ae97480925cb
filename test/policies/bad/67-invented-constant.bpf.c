/*
 * stage: compile
 * rule: compile/unknown-name
 * says: SCX_DSQ_SHARED
 *
 * A constant that sched_ext does not have.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

s32 BPF_STRUCT_OPS(invented_constant_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	const s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(invented_constant_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_SHARED, SCX_SLICE_DFL, enq_flags);
	kick_idle_cpu(p);
}

POLICY_EXIT(invented_constant_exit)

POLICY_HOTPLUG_IGNORED(invented_constant_cpu_online, invented_constant_cpu_offline)

SCX_OPS_DEFINE(invented_constant_ops,
	       .select_cpu = (void *)invented_constant_select_cpu,
	       .enqueue = (void *)invented_constant_enqueue,
	       .cpu_online = (void *)invented_constant_cpu_online,
	       .cpu_offline = (void *)invented_constant_cpu_offline,
	       .exit = (void *)invented_constant_exit,
	       .name = "invented_constant");
