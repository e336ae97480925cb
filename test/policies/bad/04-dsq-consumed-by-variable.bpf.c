/*
 * stage: attach
 * rule: attach/ejected
 * says: runnable task stall
 *
 * Anchor 2, hidden from lint: the number of the queue that is taken from is a variable with the wrong value.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

#define QUEUE 0
#define OTHER 1

static u64 taken = OTHER;

s32 BPF_STRUCT_OPS(dsq_consumed_by_variable_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	const s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(dsq_consumed_by_variable_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, QUEUE, SCX_SLICE_DFL, enq_flags);
	kick_idle_cpu(p);
}

void BPF_STRUCT_OPS(dsq_consumed_by_variable_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(taken);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(dsq_consumed_by_variable_init)
{
	s32 err = scx_bpf_create_dsq(QUEUE, -1);

	return err ?: scx_bpf_create_dsq(OTHER, -1);
}

POLICY_EXIT(dsq_consumed_by_variable_exit)

POLICY_HOTPLUG_IGNORED(dsq_consumed_by_variable_cpu_online, dsq_consumed_by_variable_cpu_offline)

SCX_OPS_DEFINE(dsq_consumed_by_variable_ops,
	       .select_cpu = (void *)dsq_consumed_by_variable_select_cpu,
	       .enqueue = (void *)dsq_consumed_by_variable_enqueue,
	       .dispatch = (void *)dsq_consumed_by_variable_dispatch,
	       .init = (void *)dsq_consumed_by_variable_init,
	       .cpu_online = (void *)dsq_consumed_by_variable_cpu_online,
	       .cpu_offline = (void *)dsq_consumed_by_variable_cpu_offline,
	       .exit = (void *)dsq_consumed_by_variable_exit,
	       .name = "dsq_consumed_by_variable");
