/*
 * stage: lint
 * rule: lint/hard-coded-pid
 * says: pid 4711
 *
 * A pid of the machine it was written on.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

s32 BPF_STRUCT_OPS(hard_coded_pid_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	const s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(hard_coded_pid_enqueue, struct task_struct *p, u64 enq_flags)
{
	if (p->tgid == 4711)
		enq_flags |= SCX_ENQ_HEAD;
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}

POLICY_EXIT(hard_coded_pid_exit)

POLICY_HOTPLUG_IGNORED(hard_coded_pid_cpu_online, hard_coded_pid_cpu_offline)

SCX_OPS_DEFINE(hard_coded_pid_ops,
	       .select_cpu = (void *)hard_coded_pid_select_cpu,
	       .enqueue = (void *)hard_coded_pid_enqueue,
	       .cpu_online = (void *)hard_coded_pid_cpu_online,
	       .cpu_offline = (void *)hard_coded_pid_cpu_offline,
	       .exit = (void *)hard_coded_pid_exit,
	       .name = "hard_coded_pid");
