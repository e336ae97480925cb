/*
 * stage: attach
 * rule: attach/ejected
 * says: cpuperf
 *
 * Anchor 31, hidden from lint: the target is computed.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

s32 BPF_STRUCT_OPS(cpuperf_too_high_hidden_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	const s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(cpuperf_too_high_hidden_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
	kick_idle_cpu(p);
}

void BPF_STRUCT_OPS(cpuperf_too_high_hidden_running, struct task_struct *p)
{
	scx_bpf_cpuperf_set(scx_bpf_task_cpu(p), 11 * p->scx.weight);
}

POLICY_EXIT(cpuperf_too_high_hidden_exit)

POLICY_HOTPLUG_IGNORED(cpuperf_too_high_hidden_cpu_online, cpuperf_too_high_hidden_cpu_offline)

SCX_OPS_DEFINE(cpuperf_too_high_hidden_ops,
	       .select_cpu = (void *)cpuperf_too_high_hidden_select_cpu,
	       .enqueue = (void *)cpuperf_too_high_hidden_enqueue,
	       .running = (void *)cpuperf_too_high_hidden_running,
	       .cpu_online = (void *)cpuperf_too_high_hidden_cpu_online,
	       .cpu_offline = (void *)cpuperf_too_high_hidden_cpu_offline,
	       .exit = (void *)cpuperf_too_high_hidden_exit,
	       .name = "cpuperf_too_high_hidden");
