/*
 * stage: lint
 * rule: lint/idle-tracking-off
 * says: turned off
 *
 * Anchor 26. Own idle tracking, and the question to the kernel’s.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

s32 BPF_STRUCT_OPS(idle_tracking_off_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	const s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(idle_tracking_off_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
	kick_idle_cpu(p);
}

void BPF_STRUCT_OPS(idle_tracking_off_update_idle, s32 cpu, bool idle)
{

}

POLICY_EXIT(idle_tracking_off_exit)

POLICY_HOTPLUG_IGNORED(idle_tracking_off_cpu_online, idle_tracking_off_cpu_offline)

SCX_OPS_DEFINE(idle_tracking_off_ops,
	       .select_cpu = (void *)idle_tracking_off_select_cpu,
	       .enqueue = (void *)idle_tracking_off_enqueue,
	       .update_idle = (void *)idle_tracking_off_update_idle,
	       .cpu_online = (void *)idle_tracking_off_cpu_online,
	       .cpu_offline = (void *)idle_tracking_off_cpu_offline,
	       .exit = (void *)idle_tracking_off_exit,
	       .name = "idle_tracking_off");
