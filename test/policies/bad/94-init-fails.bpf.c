/*
 * stage: attach
 * rule: attach/not-enabled
 * says: ops.init() failed
 *
 * ops.init fails, and the link says that all is well.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

s32 BPF_STRUCT_OPS(init_fails_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	const s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(init_fails_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
	kick_idle_cpu(p);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(init_fails_init)
{
	return scx_bpf_create_dsq(0, -1) ?: scx_bpf_create_dsq(0, -1);
}

POLICY_EXIT(init_fails_exit)

POLICY_HOTPLUG_IGNORED(init_fails_cpu_online, init_fails_cpu_offline)

SCX_OPS_DEFINE(init_fails_ops,
	       .select_cpu = (void *)init_fails_select_cpu,
	       .enqueue = (void *)init_fails_enqueue,
	       .init = (void *)init_fails_init,
	       .cpu_online = (void *)init_fails_cpu_online,
	       .cpu_offline = (void *)init_fails_cpu_offline,
	       .exit = (void *)init_fails_exit,
	       .name = "init_fails");
