/*
 * stage: lint
 * rule: lint/infinite-slice
 * says: never ends
 *
 * Anchor 11. No turn ever ends.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

s32 BPF_STRUCT_OPS(slice_infinite_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	const s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(slice_infinite_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_INF, enq_flags);
	kick_idle_cpu(p);
}

POLICY_EXIT(slice_infinite_exit)

POLICY_HOTPLUG_IGNORED(slice_infinite_cpu_online, slice_infinite_cpu_offline)

SCX_OPS_DEFINE(slice_infinite_ops,
	       .select_cpu = (void *)slice_infinite_select_cpu,
	       .enqueue = (void *)slice_infinite_enqueue,
	       .cpu_online = (void *)slice_infinite_cpu_online,
	       .cpu_offline = (void *)slice_infinite_cpu_offline,
	       .exit = (void *)slice_infinite_exit,
	       .name = "slice_infinite");
