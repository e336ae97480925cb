/*
 * Only tasks that ask for SCHED_EXT are scheduled; everything else stays with the kernel.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

s32 BPF_STRUCT_OPS(switch_partial_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	const s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(switch_partial_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
	kick_idle_cpu(p);
}

POLICY_EXIT(switch_partial_exit)

POLICY_HOTPLUG_IGNORED(switch_partial_cpu_online, switch_partial_cpu_offline)

SCX_OPS_DEFINE(switch_partial_ops,
	       .select_cpu = (void *)switch_partial_select_cpu,
	       .enqueue = (void *)switch_partial_enqueue,
	       .cpu_online = (void *)switch_partial_cpu_online,
	       .cpu_offline = (void *)switch_partial_cpu_offline,
	       .exit = (void *)switch_partial_exit,
	       .flags = SCX_OPS_SWITCH_PARTIAL,
	       .name = "switch_partial");
