/*
 * stage: attach
 * rule: attach/not-enabled
 * says: SCX_OPS_ENQ_LAST requires ops.enqueue()
 *
 * Anchor 25, hidden from lint: the flag is the size of something.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

s32 BPF_STRUCT_OPS(enq_last_hidden_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	const s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

POLICY_EXIT(enq_last_hidden_exit)

POLICY_HOTPLUG_IGNORED(enq_last_hidden_cpu_online, enq_last_hidden_cpu_offline)

SCX_OPS_DEFINE(enq_last_hidden_ops,
	       .select_cpu = (void *)enq_last_hidden_select_cpu,
	       .cpu_online = (void *)enq_last_hidden_cpu_online,
	       .cpu_offline = (void *)enq_last_hidden_cpu_offline,
	       .exit = (void *)enq_last_hidden_exit,
	       .flags = sizeof(u16),
	       .name = "enq_last_hidden");
