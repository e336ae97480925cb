/*
 * stage: compile
 * rule: compile/unknown-field
 * says: vruntime_ns
 *
 * A field that tasks do not have.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

s32 BPF_STRUCT_OPS(invented_field_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	const s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(invented_field_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
	kick_idle_cpu(p);
}

void BPF_STRUCT_OPS(invented_field_stopping, struct task_struct *p, bool runnable)
{
	p->scx.dsq_vtime += p->vruntime_ns;
}

POLICY_EXIT(invented_field_exit)

POLICY_HOTPLUG_IGNORED(invented_field_cpu_online, invented_field_cpu_offline)

SCX_OPS_DEFINE(invented_field_ops,
	       .select_cpu = (void *)invented_field_select_cpu,
	       .enqueue = (void *)invented_field_enqueue,
	       .stopping = (void *)invented_field_stopping,
	       .cpu_online = (void *)invented_field_cpu_online,
	       .cpu_offline = (void *)invented_field_cpu_offline,
	       .exit = (void *)invented_field_exit,
	       .name = "invented_field");
