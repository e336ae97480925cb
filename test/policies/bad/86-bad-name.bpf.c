/*
 * stage: lint
 * rule: lint/ops-name
 * says: refuses the name
 *
 * The kernel takes letters, digits, _ and . only.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

s32 BPF_STRUCT_OPS(bad_name_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	const s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(bad_name_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
	kick_idle_cpu(p);
}

POLICY_EXIT(bad_name_exit)

POLICY_HOTPLUG_IGNORED(bad_name_cpu_online, bad_name_cpu_offline)

SCX_OPS_DEFINE(bad_name_ops, .select_cpu = (void *)bad_name_select_cpu, .enqueue = (void *)bad_name_enqueue,
	       .exit = (void *)bad_name_exit, .name = "my scheduler!");
