/*
 * stage: compile
 * rule: compile/outside-file
 * says: /etc/passwd
 *
 * The source wants a file that is none of its business.
 */
#include "policy.bpf.h"
#include "/etc/passwd"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

s32 BPF_STRUCT_OPS(reads_outside_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	const s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(reads_outside_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
	kick_idle_cpu(p);
}

POLICY_EXIT(reads_outside_exit)

POLICY_HOTPLUG_IGNORED(reads_outside_cpu_online, reads_outside_cpu_offline)

SCX_OPS_DEFINE(reads_outside_ops,
	       .select_cpu = (void *)reads_outside_select_cpu,
	       .enqueue = (void *)reads_outside_enqueue,
	       .cpu_online = (void *)reads_outside_cpu_online,
	       .cpu_offline = (void *)reads_outside_cpu_offline,
	       .exit = (void *)reads_outside_exit,
	       .name = "reads_outside");
