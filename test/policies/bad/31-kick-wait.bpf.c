/*
 * stage: lint
 * rule: lint/kick-wait
 * says: SCX_KICK_WAIT
 *
 * Anchor 19. CPUs wait for each other.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

s32 BPF_STRUCT_OPS(kick_wait_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	const s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(kick_wait_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
	scx_bpf_kick_cpu(scx_bpf_task_cpu(p), SCX_KICK_PREEMPT | SCX_KICK_WAIT);
}

POLICY_EXIT(kick_wait_exit)

POLICY_HOTPLUG_IGNORED(kick_wait_cpu_online, kick_wait_cpu_offline)

SCX_OPS_DEFINE(kick_wait_ops,
	       .select_cpu = (void *)kick_wait_select_cpu,
	       .enqueue = (void *)kick_wait_enqueue,
	       .cpu_online = (void *)kick_wait_cpu_online,
	       .cpu_offline = (void *)kick_wait_cpu_offline,
	       .exit = (void *)kick_wait_exit,
	       .name = "kick_wait");
