/*
 * stage: lint
 * rule: lint/unknown-dsq
 * says: never created
 *
 * Anchor 3. The queue that is created is not the one that is filled.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

#define QUEUE 1

s32 BPF_STRUCT_OPS(unknown_dsq_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	const s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(unknown_dsq_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, QUEUE + 1, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(unknown_dsq_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(QUEUE + 1);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(unknown_dsq_init)
{
	return scx_bpf_create_dsq(QUEUE, -1);
}

POLICY_EXIT(unknown_dsq_exit)

POLICY_HOTPLUG_IGNORED(unknown_dsq_cpu_online, unknown_dsq_cpu_offline)

SCX_OPS_DEFINE(unknown_dsq_ops,
	       .select_cpu = (void *)unknown_dsq_select_cpu,
	       .enqueue = (void *)unknown_dsq_enqueue,
	       .dispatch = (void *)unknown_dsq_dispatch,
	       .init = (void *)unknown_dsq_init,
	       .cpu_online = (void *)unknown_dsq_cpu_online,
	       .cpu_offline = (void *)unknown_dsq_cpu_offline,
	       .exit = (void *)unknown_dsq_exit,
	       .name = "unknown_dsq");
