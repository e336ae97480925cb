/*
 * A context for each task; without memory for one a fork fails, and a task without one is served all the same.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

struct task_context {
	u64 woken;
};
POLICY_TASK_CONTEXT(struct task_context)

s32 BPF_STRUCT_OPS(storage_and_failure_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	const s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

s32 BPF_STRUCT_OPS_SLEEPABLE(storage_and_failure_init_task, struct task_struct *p, struct scx_init_task_args *args)
{
	if (!new_task_context(p))
		return -12;
	return 0;
}

void BPF_STRUCT_OPS(storage_and_failure_runnable, struct task_struct *p, u64 enq_flags)
{
	struct task_context *context = task_context(p);

	if (!context)
		return;
	context->woken++;
}

void BPF_STRUCT_OPS(storage_and_failure_enqueue, struct task_struct *p, u64 enq_flags)
{
	struct task_context *context = task_context(p);

	if (!context) {
		scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
		return;
	}
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, context->woken % 2 ? SCX_SLICE_DFL : SCX_SLICE_DFL / 2, enq_flags);
}

POLICY_EXIT(storage_and_failure_exit)

POLICY_HOTPLUG_IGNORED(storage_and_failure_cpu_online, storage_and_failure_cpu_offline)

SCX_OPS_DEFINE(storage_and_failure_ops,
	       .select_cpu = (void *)storage_and_failure_select_cpu,
	       .enqueue = (void *)storage_and_failure_enqueue,
	       .runnable = (void *)storage_and_failure_runnable,
	       .init_task = (void *)storage_and_failure_init_task,
	       .cpu_online = (void *)storage_and_failure_cpu_online,
	       .cpu_offline = (void *)storage_and_failure_cpu_offline,
	       .exit = (void *)storage_and_failure_exit,
	       .name = "storage_and_failure");
