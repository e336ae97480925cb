/*
 * stage: lint
 * rule: lint/removed-kfunc
 * says: scx_bpf_dispatch is the name of Linux 6.12
 *
 * Written for Linux 6.12.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

s32 BPF_STRUCT_OPS(old_dispatch_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	const s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dispatch(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(old_dispatch_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dispatch(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
	kick_idle_cpu(p);
}

POLICY_EXIT(old_dispatch_exit)

POLICY_HOTPLUG_IGNORED(old_dispatch_cpu_online, old_dispatch_cpu_offline)

SCX_OPS_DEFINE(old_dispatch_ops,
	       .select_cpu = (void *)old_dispatch_select_cpu,
	       .enqueue = (void *)old_dispatch_enqueue,
	       .cpu_online = (void *)old_dispatch_cpu_online,
	       .cpu_offline = (void *)old_dispatch_cpu_offline,
	       .exit = (void *)old_dispatch_exit,
	       .name = "old_dispatch");
