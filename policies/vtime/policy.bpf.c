// SPDX-License-Identifier: (MIT OR GPL-2.0-only)
/*
 * One queue for the whole machine, ordered by weighted virtual time: who has had least for their weight is next.
 *
 * Shows fairness in its plainest form. Running costs a task virtual time, the less the heavier it is; `clock` is
 * the furthest virtual time that any task has begun to run at. A task that slept keeps its place up to a credit of
 * one slice, so it comes before those that kept running, and cannot hold the CPU until it has caught up.
 *
 * Works where all CPUs share a cache and shares matter: mixed users, nice values. Does not on many CPUs, for they
 * take the lock of one queue, nor where a task's cache is worth more than its place in the queue.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

/* Turn of every task, ns. Short: waits are short. Long: fewer switches. */
const volatile u64 slice_ns = 3000000;

/* Virtual time that a task may have saved up by sleeping, ns. 0: none. Large: sleepers come first for longer. */
const volatile u64 credit_ns = 3000000;

#define QUEUE 0

static u64 clock;

POLICY_RUN_TIME

s32 BPF_STRUCT_OPS(vtime_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	const s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, slice_ns, 0);
	return cpu;
}

void BPF_STRUCT_OPS(vtime_enqueue, struct task_struct *p, u64 enq_flags)
{
	const u64 vtime = vtime_clamp(p->scx.dsq_vtime, clock, credit_ns);

	scx_bpf_dsq_insert_vtime(p, QUEUE, slice_ns, vtime, enq_flags);
	kick_idle_cpu(p);
}

void BPF_STRUCT_OPS(vtime_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(QUEUE);
}

/* CPUs race for the clock here, and the later write wins: it may go back by a turn, and catches up with the next. */
void BPF_STRUCT_OPS(vtime_running, struct task_struct *p)
{
	run_begins(p);
	if (vtime_before(clock, p->scx.dsq_vtime))
		clock = p->scx.dsq_vtime;
}

void BPF_STRUCT_OPS(vtime_stopping, struct task_struct *p, bool runnable)
{
	const u64 cost = per_weight(run_time(p), p->scx.weight);

	scx_bpf_task_set_dsq_vtime(p, p->scx.dsq_vtime + cost);
}

/* Whoever joins, by fork or from another scheduler, starts a turn behind the others: children that began level with
 * the clock would never move it, and a storm of short ones would starve all who have had their turn. */
void BPF_STRUCT_OPS(vtime_enable, struct task_struct *p)
{
	scx_bpf_task_set_dsq_vtime(p, clock + per_weight(slice_ns, p->scx.weight));
}

s32 BPF_STRUCT_OPS_SLEEPABLE(vtime_init)
{
	return scx_bpf_create_dsq(QUEUE, -1);
}

POLICY_EXIT(vtime_exit)

POLICY_HOTPLUG_IGNORED(vtime_cpu_online, vtime_cpu_offline)

SCX_OPS_DEFINE(vtime_ops,
	       .select_cpu = (void *)vtime_select_cpu,
	       .enqueue = (void *)vtime_enqueue,
	       .dispatch = (void *)vtime_dispatch,
	       .running = (void *)vtime_running,
	       .stopping = (void *)vtime_stopping,
	       .enable = (void *)vtime_enable,
	       .cpu_online = (void *)vtime_cpu_online,
	       .cpu_offline = (void *)vtime_cpu_offline,
	       .init = (void *)vtime_init,
	       .exit = (void *)vtime_exit,
	       .name = "vtime");
