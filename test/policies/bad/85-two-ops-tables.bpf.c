/*
 * stage: lint
 * rule: lint/two-ops
 * says: second ops table
 *
 * Two schedulers in one file.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

s32 BPF_STRUCT_OPS(two_ops_tables_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	const s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(two_ops_tables_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
	kick_idle_cpu(p);
}

POLICY_EXIT(two_ops_tables_exit)

POLICY_HOTPLUG_IGNORED(two_ops_tables_cpu_online, two_ops_tables_cpu_offline)

SCX_OPS_DEFINE(two_ops_tables_ops, .select_cpu = (void *)two_ops_tables_select_cpu, .exit = (void *)two_ops_tables_exit, .name = "one");

SCX_OPS_DEFINE(two_ops_tables_more, .enqueue = (void *)two_ops_tables_enqueue, .exit = (void *)two_ops_tables_exit, .name = "two");
