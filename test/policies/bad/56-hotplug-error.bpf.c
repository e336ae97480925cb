/*
 * stage: trial
 * rule: trial/ejected
 * says: CPU
 *
 * Anchor 32. The policy gives up as soon as a CPU goes.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

s32 BPF_STRUCT_OPS(hotplug_error_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	const s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(hotplug_error_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
	kick_idle_cpu(p);
}

void BPF_STRUCT_OPS_SLEEPABLE(hotplug_error_cpu_online, s32 cpu)
{
}

void BPF_STRUCT_OPS_SLEEPABLE(hotplug_error_cpu_offline, s32 cpu)
{
	scx_bpf_error("CPU %d went away", cpu);
}

POLICY_EXIT(hotplug_error_exit)

SCX_OPS_DEFINE(hotplug_error_ops,
	       .select_cpu = (void *)hotplug_error_select_cpu,
	       .enqueue = (void *)hotplug_error_enqueue,
	       .cpu_online = (void *)hotplug_error_cpu_online,
	       .cpu_offline = (void *)hotplug_error_cpu_offline,
	       .exit = (void *)hotplug_error_exit,
	       .name = "hotplug_error");
