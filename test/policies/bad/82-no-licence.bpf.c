/*
 * stage: lint
 * rule: lint/licence-missing
 * says: no licence
 *
 * Nothing says what may be done with it.
 */
#include "policy.bpf.h"

s32 BPF_STRUCT_OPS(no_licence_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	const s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(no_licence_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
	kick_idle_cpu(p);
}

POLICY_EXIT(no_licence_exit)

POLICY_HOTPLUG_IGNORED(no_licence_cpu_online, no_licence_cpu_offline)

SCX_OPS_DEFINE(no_licence_ops,
	       .select_cpu = (void *)no_licence_select_cpu,
	       .enqueue = (void *)no_licence_enqueue,
	       .cpu_online = (void *)no_licence_cpu_online,
	       .cpu_offline = (void *)no_licence_cpu_offline,
	       .exit = (void *)no_licence_exit,
	       .name = "no_licence");
