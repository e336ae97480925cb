/*
 * stage: lint
 * rule: lint/enq-last-without-enqueue
 * says: needs ops.enqueue
 *
 * Anchor 25. Attaching seems to work, and the policy is never enabled.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

s32 BPF_STRUCT_OPS(enq_last_without_enqueue_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	const s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

POLICY_EXIT(enq_last_without_enqueue_exit)

POLICY_HOTPLUG_IGNORED(enq_last_without_enqueue_cpu_online, enq_last_without_enqueue_cpu_offline)

SCX_OPS_DEFINE(enq_last_without_enqueue_ops,
	       .select_cpu = (void *)enq_last_without_enqueue_select_cpu,
	       .cpu_online = (void *)enq_last_without_enqueue_cpu_online,
	       .cpu_offline = (void *)enq_last_without_enqueue_cpu_offline,
	       .exit = (void *)enq_last_without_enqueue_exit,
	       .flags = SCX_OPS_ENQ_LAST,
	       .name = "enq_last_without_enqueue");
