/*
 * stage: lint
 * rule: lint/comm-matching
 * says: name of a task
 *
 * Anchor 34, through a copy compared character by character.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

s32 BPF_STRUCT_OPS(comm_matching_copied_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	const s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(comm_matching_copied_enqueue, struct task_struct *p, u64 enq_flags)
{
	char name[16];

	bpf_probe_read_kernel_str(name, sizeof(name), p->comm);
	if (name[0] == 'p' && name[1] == 'g')
		enq_flags |= SCX_ENQ_HEAD;
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}

POLICY_EXIT(comm_matching_copied_exit)

POLICY_HOTPLUG_IGNORED(comm_matching_copied_cpu_online, comm_matching_copied_cpu_offline)

SCX_OPS_DEFINE(comm_matching_copied_ops,
	       .select_cpu = (void *)comm_matching_copied_select_cpu,
	       .enqueue = (void *)comm_matching_copied_enqueue,
	       .cpu_online = (void *)comm_matching_copied_cpu_online,
	       .cpu_offline = (void *)comm_matching_copied_cpu_offline,
	       .exit = (void *)comm_matching_copied_exit,
	       .name = "comm_matching_copied");
