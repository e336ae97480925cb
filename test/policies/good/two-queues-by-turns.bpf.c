/*
 * Two queues with fixed numbers, and neither always first.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

#define FAST 1
#define SLOW 2

static u64 turn;

s32 BPF_STRUCT_OPS(two_queues_by_turns_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	const s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(two_queues_by_turns_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, p->scx.weight > 100 ? FAST : SLOW, SCX_SLICE_DFL, enq_flags);
	kick_idle_cpu(p);
}

void BPF_STRUCT_OPS(two_queues_by_turns_dispatch, s32 cpu, struct task_struct *prev)
{
	const u64 first = __sync_fetch_and_add(&turn, 1) & 1 ? FAST : SLOW;

	if (!scx_bpf_dsq_move_to_local(first))
		scx_bpf_dsq_move_to_local(FAST + SLOW - first);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(two_queues_by_turns_init)
{
	s32 err = scx_bpf_create_dsq(FAST, -1);

	return err ?: scx_bpf_create_dsq(SLOW, -1);
}

POLICY_EXIT(two_queues_by_turns_exit)

POLICY_HOTPLUG_IGNORED(two_queues_by_turns_cpu_online, two_queues_by_turns_cpu_offline)

SCX_OPS_DEFINE(two_queues_by_turns_ops,
	       .select_cpu = (void *)two_queues_by_turns_select_cpu,
	       .enqueue = (void *)two_queues_by_turns_enqueue,
	       .dispatch = (void *)two_queues_by_turns_dispatch,
	       .init = (void *)two_queues_by_turns_init,
	       .cpu_online = (void *)two_queues_by_turns_cpu_online,
	       .cpu_offline = (void *)two_queues_by_turns_cpu_offline,
	       .exit = (void *)two_queues_by_turns_exit,
	       .name = "two_queues_by_turns");
