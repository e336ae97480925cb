/*
 * stage: trial
 * rule: trial/idle-while-queued
 * says: idle_while_queued_share
 *
 * Anchor 18, hidden from lint: only CPU 0 takes from the queue, others when a task may not run there.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

#define QUEUE 0

void BPF_STRUCT_OPS(everything_on_cpu_0_hidden_enqueue, struct task_struct *p, u64 enq_flags)
{
	const s32 cpu = scx_bpf_task_cpu(p);

	if (!bpf_cpumask_test_cpu(0, p->cpus_ptr))
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL_ON | cpu, SCX_SLICE_DFL, enq_flags);
	else
		scx_bpf_dsq_insert(p, QUEUE, SCX_SLICE_DFL, enq_flags);
	scx_bpf_kick_cpu(0, SCX_KICK_IDLE);
}

void BPF_STRUCT_OPS(everything_on_cpu_0_hidden_dispatch, s32 cpu, struct task_struct *prev)
{
	if (cpu == 0)
		scx_bpf_dsq_move_to_local(QUEUE);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(everything_on_cpu_0_hidden_init)
{
	return scx_bpf_create_dsq(QUEUE, -1);
}

POLICY_EXIT(everything_on_cpu_0_hidden_exit)

POLICY_HOTPLUG_IGNORED(everything_on_cpu_0_hidden_cpu_online, everything_on_cpu_0_hidden_cpu_offline)

SCX_OPS_DEFINE(everything_on_cpu_0_hidden_ops,
	       .enqueue = (void *)everything_on_cpu_0_hidden_enqueue,
	       .dispatch = (void *)everything_on_cpu_0_hidden_dispatch,
	       .init = (void *)everything_on_cpu_0_hidden_init,
	       .cpu_online = (void *)everything_on_cpu_0_hidden_cpu_online,
	       .cpu_offline = (void *)everything_on_cpu_0_hidden_cpu_offline,
	       .exit = (void *)everything_on_cpu_0_hidden_exit,
	       .name = "everything_on_cpu_0_hidden");
