/*
 * stage: load
 * rule: load/bounds
 * says: unbounded min value
 *
 * The CPU’s number is not shown to be within the table.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

u64 last[4];

s32 BPF_STRUCT_OPS(out_of_bounds_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	const s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(out_of_bounds_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
	kick_idle_cpu(p);
}

void BPF_STRUCT_OPS(out_of_bounds_dispatch, s32 cpu, struct task_struct *prev)
{
	last[cpu] = 1;
}

POLICY_EXIT(out_of_bounds_exit)

POLICY_HOTPLUG_IGNORED(out_of_bounds_cpu_online, out_of_bounds_cpu_offline)

SCX_OPS_DEFINE(out_of_bounds_ops,
	       .select_cpu = (void *)out_of_bounds_select_cpu,
	       .enqueue = (void *)out_of_bounds_enqueue,
	       .dispatch = (void *)out_of_bounds_dispatch,
	       .cpu_online = (void *)out_of_bounds_cpu_online,
	       .cpu_offline = (void *)out_of_bounds_cpu_offline,
	       .exit = (void *)out_of_bounds_exit,
	       .name = "out_of_bounds");
