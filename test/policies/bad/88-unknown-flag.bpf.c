/*
 * stage: lint
 * rule: lint/ops-flags
 * says: 0x1000
 *
 * A flag that no kernel has.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

s32 BPF_STRUCT_OPS(unknown_flag_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	const s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(unknown_flag_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
	kick_idle_cpu(p);
}

POLICY_EXIT(unknown_flag_exit)

POLICY_HOTPLUG_IGNORED(unknown_flag_cpu_online, unknown_flag_cpu_offline)

SCX_OPS_DEFINE(unknown_flag_ops,
	       .select_cpu = (void *)unknown_flag_select_cpu,
	       .enqueue = (void *)unknown_flag_enqueue,
	       .cpu_online = (void *)unknown_flag_cpu_online,
	       .cpu_offline = (void *)unknown_flag_cpu_offline,
	       .exit = (void *)unknown_flag_exit,
	       .flags = 1 << 12,
	       .name = "unknown_flag");
