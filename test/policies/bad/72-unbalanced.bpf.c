/*
 * stage: lint
 * rule: lint/unbalanced
 * says: no partner
 *
 * A brace is missing.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

s32 BPF_STRUCT_OPS(unbalanced_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	const s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(unbalanced_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
	kick_idle_cpu(p);

POLICY_EXIT(unbalanced_exit)

POLICY_HOTPLUG_IGNORED(unbalanced_cpu_online, unbalanced_cpu_offline)

SCX_OPS_DEFINE(unbalanced_ops,
	       .select_cpu = (void *)unbalanced_select_cpu,
	       .enqueue = (void *)unbalanced_enqueue,
	       .cpu_online = (void *)unbalanced_cpu_online,
	       .cpu_offline = (void *)unbalanced_cpu_offline,
	       .exit = (void *)unbalanced_exit,
	       .name = "unbalanced");
