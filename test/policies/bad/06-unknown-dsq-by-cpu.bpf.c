/*
 * stage: attach
 * rule: attach/not-enabled
 * says: DSQ
 *
 * Anchor 3, hidden from lint: one queue for each CPU is filled and read, and none of them is created. The kernel says “non-existent
 * DSQ” or “invalid DSQ ID”, whichever it comes to first.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

s32 BPF_STRUCT_OPS(unknown_dsq_by_cpu_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	const s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(unknown_dsq_by_cpu_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, scx_bpf_task_cpu(p) + 1, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(unknown_dsq_by_cpu_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(cpu + 1);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(unknown_dsq_by_cpu_init)
{
	u64 first = bpf_get_prandom_u32() & 0;

	return scx_bpf_create_dsq(first, -1);
}

POLICY_EXIT(unknown_dsq_by_cpu_exit)

POLICY_HOTPLUG_IGNORED(unknown_dsq_by_cpu_cpu_online, unknown_dsq_by_cpu_cpu_offline)

SCX_OPS_DEFINE(unknown_dsq_by_cpu_ops,
	       .select_cpu = (void *)unknown_dsq_by_cpu_select_cpu,
	       .enqueue = (void *)unknown_dsq_by_cpu_enqueue,
	       .dispatch = (void *)unknown_dsq_by_cpu_dispatch,
	       .init = (void *)unknown_dsq_by_cpu_init,
	       .cpu_online = (void *)unknown_dsq_by_cpu_cpu_online,
	       .cpu_offline = (void *)unknown_dsq_by_cpu_cpu_offline,
	       .exit = (void *)unknown_dsq_by_cpu_exit,
	       .name = "unknown_dsq_by_cpu");
