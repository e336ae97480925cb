/*
 * stage: lint
 * rule: lint/comm-matching
 * says: name of a task
 *
 * Anchor 34. The benchmark is known by name.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

static bool is_benchmark(const struct task_struct *p)
{
	return !bpf_strncmp(p->comm, 9, "hackbench");
}

s32 BPF_STRUCT_OPS(comm_matching_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	const s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(comm_matching_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, is_benchmark(p) ? SCX_SLICE_DFL : SCX_SLICE_DFL / 10, enq_flags);
	kick_idle_cpu(p);
}

POLICY_EXIT(comm_matching_exit)

POLICY_HOTPLUG_IGNORED(comm_matching_cpu_online, comm_matching_cpu_offline)

SCX_OPS_DEFINE(comm_matching_ops,
	       .select_cpu = (void *)comm_matching_select_cpu,
	       .enqueue = (void *)comm_matching_enqueue,
	       .cpu_online = (void *)comm_matching_cpu_online,
	       .cpu_offline = (void *)comm_matching_cpu_offline,
	       .exit = (void *)comm_matching_exit,
	       .name = "comm_matching");
