/*
 * stage: trial
 * rule: trial/idle-while-queued
 * says: idle_while_queued_share
 *
 * A queue for each CPU, no stealing, and a task goes back to the CPU it was on, however long its queue is.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

#define MOST_CPUS 64

void BPF_STRUCT_OPS(queues_beside_idle_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, scx_bpf_task_cpu(p) & (MOST_CPUS - 1), SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(queues_beside_idle_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(cpu & (MOST_CPUS - 1));
}

s32 BPF_STRUCT_OPS(queues_beside_idle_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	return bpf_cpumask_first(p->cpus_ptr);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(queues_beside_idle_init)
{
	s32 err, i;

	bpf_for(i, 0, MOST_CPUS) {
		err = scx_bpf_create_dsq(i, -1);
		if (err)
			return err;
	}
	return 0;
}

POLICY_EXIT(queues_beside_idle_exit)

POLICY_HOTPLUG_IGNORED(queues_beside_idle_cpu_online, queues_beside_idle_cpu_offline)

SCX_OPS_DEFINE(queues_beside_idle_ops,
	       .select_cpu = (void *)queues_beside_idle_select_cpu,
	       .enqueue = (void *)queues_beside_idle_enqueue,
	       .dispatch = (void *)queues_beside_idle_dispatch,
	       .init = (void *)queues_beside_idle_init,
	       .cpu_online = (void *)queues_beside_idle_cpu_online,
	       .cpu_offline = (void *)queues_beside_idle_cpu_offline,
	       .exit = (void *)queues_beside_idle_exit,
	       .name = "queues_beside_idle");
