/*
 * stage: lint
 * rule: lint/init-task-fails
 * says: a fork fails
 *
 * Anchor 29. From the 500th task on, forks fail.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

static u64 nr_tasks;

s32 BPF_STRUCT_OPS(init_task_refuses_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	const s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(init_task_refuses_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
	kick_idle_cpu(p);
}

s32 BPF_STRUCT_OPS(init_task_refuses_init_task, struct task_struct *p, struct scx_init_task_args *args)
{
	if (nr_tasks++ > 500)
		return -11;
	return 0;
}

POLICY_EXIT(init_task_refuses_exit)

POLICY_HOTPLUG_IGNORED(init_task_refuses_cpu_online, init_task_refuses_cpu_offline)

SCX_OPS_DEFINE(init_task_refuses_ops,
	       .select_cpu = (void *)init_task_refuses_select_cpu,
	       .enqueue = (void *)init_task_refuses_enqueue,
	       .init_task = (void *)init_task_refuses_init_task,
	       .cpu_online = (void *)init_task_refuses_cpu_online,
	       .cpu_offline = (void *)init_task_refuses_cpu_offline,
	       .exit = (void *)init_task_refuses_exit,
	       .name = "init_task_refuses");
