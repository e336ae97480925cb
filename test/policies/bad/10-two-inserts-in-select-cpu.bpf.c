/*
 * stage: lint
 * rule: lint/double-insert
 * says: inserted already
 *
 * Anchor 6. A return is missing between two inserts.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

s32 BPF_STRUCT_OPS(two_inserts_in_select_cpu_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	const s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(two_inserts_in_select_cpu_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
	kick_idle_cpu(p);
}

POLICY_EXIT(two_inserts_in_select_cpu_exit)

POLICY_HOTPLUG_IGNORED(two_inserts_in_select_cpu_cpu_online, two_inserts_in_select_cpu_cpu_offline)

SCX_OPS_DEFINE(two_inserts_in_select_cpu_ops,
	       .select_cpu = (void *)two_inserts_in_select_cpu_select_cpu,
	       .enqueue = (void *)two_inserts_in_select_cpu_enqueue,
	       .cpu_online = (void *)two_inserts_in_select_cpu_cpu_online,
	       .cpu_offline = (void *)two_inserts_in_select_cpu_cpu_offline,
	       .exit = (void *)two_inserts_in_select_cpu_exit,
	       .name = "two_inserts_in_select_cpu");
