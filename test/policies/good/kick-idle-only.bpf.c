/*
 * Wakes idle CPUs of the task’s mask, and leaves busy ones alone.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

s32 BPF_STRUCT_OPS(kick_idle_only_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	const s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(kick_idle_only_enqueue, struct task_struct *p, u64 enq_flags)
{
	s32 cpu;

	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
	cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);
	if (cpu < 0)
		return;
	scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

POLICY_EXIT(kick_idle_only_exit)

POLICY_HOTPLUG_IGNORED(kick_idle_only_cpu_online, kick_idle_only_cpu_offline)

SCX_OPS_DEFINE(kick_idle_only_ops,
	       .select_cpu = (void *)kick_idle_only_select_cpu,
	       .enqueue = (void *)kick_idle_only_enqueue,
	       .cpu_online = (void *)kick_idle_only_cpu_online,
	       .cpu_offline = (void *)kick_idle_only_cpu_offline,
	       .exit = (void *)kick_idle_only_exit,
	       .name = "kick_idle_only");
