// SPDX-License-Identifier: (MIT OR GPL-2.0-only)
/*
 * Tasks say themselves how soon they want to run: the slice a task asked for sets its deadline and its turn.
 *
 * Shows latency-nice in the form that Linux has taken up: sched_setattr() with sched_runtime gives a task a slice of
 * its own (chrt --sched-runtime; from Linux 6.12 on). Who asks for shorter turns gets an earlier deadline and is
 * interrupted sooner; shares go by weight alone, so nobody gains run time by asking.
 *
 * Works where somebody sets slices: a container runtime, an audio server, Tunesmith's slice_ns. Without that all are
 * alike, and it is `vtime`.
 */
#include "policy.bpf.h"
#include "policy_preempt.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

/* The slice of a task that did not ask for one, ns. Short: all deadlines are near. Long: those who asked gain more. */
const volatile u64 slice_ns = 4000000;

/* What is asked for is held to this range, ns: below it is all switching, above it others wait too long. */
const volatile u64 slice_min_ns = 100000;
const volatile u64 slice_max_ns = 20000000;

/* How long a task runs before a wake-up may interrupt it, ns. Short: short waits, more switches. */
const volatile u64 quiet_ns = 100000;

#define QUEUE 0

static u64 clock;

/* The queue is ordered by deadline, and the kernel keeps that key in dsq_vtime, so virtual time is kept here. */
struct task_share {
	u64 vtime;
};
POLICY_TASK_CONTEXT(struct task_share)
POLICY_RUN_TIME
POLICY_PREEMPTION

static u64 wish_of(const struct task_struct *p)
{
	const u64 wish = p->se.custom_slice ? p->se.slice : slice_ns;

	return wish < slice_min_ns ? slice_min_ns : wish > slice_max_ns ? slice_max_ns : wish;
}

s32 BPF_STRUCT_OPS(latency_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	const s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, wish_of(p), 0);
	return cpu;
}

void BPF_STRUCT_OPS(latency_enqueue, struct task_struct *p, u64 enq_flags)
{
	struct task_share *share = task_context(p);
	const u64 wish = wish_of(p);
	u64 vtime = clock, deadline;

	if (share)
		vtime = share->vtime = vtime_clamp(share->vtime, clock, slice_ns);
	deadline = vtime + per_weight(wish, p->scx.weight);
	scx_bpf_dsq_insert_vtime(p, QUEUE, wish, deadline, enq_flags);
	if (!kick_idle_cpu(p) && (enq_flags & SCX_ENQ_WAKEUP))
		preempt_for(p, deadline, quiet_ns);
}

void BPF_STRUCT_OPS(latency_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(QUEUE);
}

void BPF_STRUCT_OPS(latency_running, struct task_struct *p)
{
	const struct task_share *share = task_context(p);

	run_begins(p);
	preempt_notes(p, p->scx.dsq_vtime);
	if (share && vtime_before(clock, share->vtime))
		clock = share->vtime;
}

void BPF_STRUCT_OPS(latency_stopping, struct task_struct *p, bool runnable)
{
	struct task_share *share = task_context(p);

	if (share)
		share->vtime += per_weight(run_time(p), p->scx.weight);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(latency_init_task, struct task_struct *p, struct scx_init_task_args *args)
{
	/* One without a context is always level with the clock. A fork must not fail for want of a context. */
	new_task_context(p);
	return 0;
}

/* A turn behind the others, so that a storm of short children moves the clock. */
void BPF_STRUCT_OPS(latency_enable, struct task_struct *p)
{
	struct task_share *share = task_context(p);

	if (share)
		share->vtime = clock + per_weight(slice_ns, p->scx.weight);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(latency_init)
{
	return scx_bpf_create_dsq(QUEUE, -1);
}

POLICY_EXIT(latency_exit)

POLICY_HOTPLUG_IGNORED(latency_cpu_online, latency_cpu_offline)

SCX_OPS_DEFINE(latency_ops,
	       .select_cpu = (void *)latency_select_cpu,
	       .enqueue = (void *)latency_enqueue,
	       .dispatch = (void *)latency_dispatch,
	       .running = (void *)latency_running,
	       .stopping = (void *)latency_stopping,
	       .init_task = (void *)latency_init_task,
	       .enable = (void *)latency_enable,
	       .cpu_online = (void *)latency_cpu_online,
	       .cpu_offline = (void *)latency_cpu_offline,
	       .init = (void *)latency_init,
	       .exit = (void *)latency_exit,
	       .name = "latency");
