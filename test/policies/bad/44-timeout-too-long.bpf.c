/*
 * stage: lint
 * rule: lint/timeout-range
 * says: 30000
 *
 * Anchor 24. A minute is more than the kernel takes.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

s32 BPF_STRUCT_OPS(timeout_too_long_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	const s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(timeout_too_long_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
	kick_idle_cpu(p);
}

POLICY_EXIT(timeout_too_long_exit)

POLICY_HOTPLUG_IGNORED(timeout_too_long_cpu_online, timeout_too_long_cpu_offline)

SCX_OPS_DEFINE(timeout_too_long_ops,
	       .select_cpu = (void *)timeout_too_long_select_cpu,
	       .enqueue = (void *)timeout_too_long_enqueue,
	       .cpu_online = (void *)timeout_too_long_cpu_online,
	       .cpu_offline = (void *)timeout_too_long_cpu_offline,
	       .exit = (void *)timeout_too_long_exit,
	       .timeout_ms = 60 * 1000,
	       .name = "timeout_too_long");
