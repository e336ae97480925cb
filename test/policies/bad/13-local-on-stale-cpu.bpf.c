/*
 * stage: trial
 * rule: trial/ejected
 * says: not allowed
 *
 * Anchor 7, hidden from lint: the CPU was found when the task was enabled, and its affinity changed since.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

struct task_context {
	s32 home;
};
POLICY_TASK_CONTEXT(struct task_context)

s32 BPF_STRUCT_OPS_SLEEPABLE(local_on_stale_cpu_init_task, struct task_struct *p, struct scx_init_task_args *args)
{
	new_task_context(p);
	return 0;
}

void BPF_STRUCT_OPS(local_on_stale_cpu_enable, struct task_struct *p)
{
	struct task_context *context = task_context(p);

	if (context)
		context->home = bpf_cpumask_any_distribute(p->cpus_ptr);
}

void BPF_STRUCT_OPS(local_on_stale_cpu_enqueue, struct task_struct *p, u64 enq_flags)
{
	struct task_context *context = task_context(p);
	const s32 home = context ? context->home : scx_bpf_task_cpu(p);

	scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL_ON | home, SCX_SLICE_DFL, enq_flags);
}

POLICY_EXIT(local_on_stale_cpu_exit)

POLICY_HOTPLUG_IGNORED(local_on_stale_cpu_cpu_online, local_on_stale_cpu_cpu_offline)

SCX_OPS_DEFINE(local_on_stale_cpu_ops,
	       .enqueue = (void *)local_on_stale_cpu_enqueue,
	       .init_task = (void *)local_on_stale_cpu_init_task,
	       .enable = (void *)local_on_stale_cpu_enable,
	       .cpu_online = (void *)local_on_stale_cpu_cpu_online,
	       .cpu_offline = (void *)local_on_stale_cpu_cpu_offline,
	       .exit = (void *)local_on_stale_cpu_exit,
	       .name = "local_on_stale_cpu");
