// SPDX-License-Identifier: (MIT OR GPL-2.0-only)
/*
 * Earliest virtual deadline first, where a task's deadline lies as far ahead as it usually runs.
 *
 * Shows how to favour short work without being told which it is: each task's burst, the time it runs between waking
 * and sleeping, is learnt as a moving average. Its deadline is its virtual time plus that burst, by weight. Of two
 * tasks that have had their share the one with the shorter burst goes first; one that has not had it goes first
 * whatever its burst is, because virtual time passes for all, so nobody starves.
 *
 * Works for mixes of requests and background work whose bursts repeat. Does not where the last burst says nothing
 * about the next, and gains nothing where all are alike.
 */
#include "policy.bpf.h"
#include "policy_preempt.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

/* Longest turn, ns. Short: a long burst is interrupted soon. Long: fewer switches. */
const volatile u64 slice_ns = 4000000;

/* A burst counts as no longer than this, ns: how far behind short ones a task that never sleeps may fall. */
const volatile u64 burst_max_ns = 20000000;

/* How long a task runs before a wake-up may interrupt it, ns. Short: short waits, more switches. */
const volatile u64 quiet_ns = 100000;

#define QUEUE 0
#define LEARN_SHIFT 2 /* the last burst counts a quarter */

static u64 clock;

/* The queue is ordered by deadline, and the kernel keeps that key in dsq_vtime, so virtual time is kept here. */
struct task_share {
	u64 vtime;
	u64 burst; /* run since it woke, ns */
	u64 mean;  /* of whole bursts, ns */
};
POLICY_TASK_CONTEXT(struct task_share)
POLICY_RUN_TIME
POLICY_PREEMPTION

s32 BPF_STRUCT_OPS(edf_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	const s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, slice_ns, 0);
	return cpu;
}

void BPF_STRUCT_OPS(edf_enqueue, struct task_struct *p, u64 enq_flags)
{
	struct task_share *share = task_context(p);
	u64 deadline = clock + slice_ns;

	if (share) {
		/* A burst that has outgrown the mean is a long one by now. */
		u64 burst = share->burst > share->mean ? share->burst : share->mean;

		if (burst > burst_max_ns)
			burst = burst_max_ns;
		share->vtime = vtime_clamp(share->vtime, clock, slice_ns);
		deadline = share->vtime + per_weight(burst, p->scx.weight);
	}
	scx_bpf_dsq_insert_vtime(p, QUEUE, slice_ns, deadline, enq_flags);
	if (!kick_idle_cpu(p) && (enq_flags & SCX_ENQ_WAKEUP))
		preempt_for(p, deadline, quiet_ns);
}

void BPF_STRUCT_OPS(edf_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(QUEUE);
}

void BPF_STRUCT_OPS(edf_running, struct task_struct *p)
{
	const struct task_share *share = task_context(p);

	run_begins(p);
	preempt_notes(p, p->scx.dsq_vtime);
	if (share && vtime_before(clock, share->vtime))
		clock = share->vtime;
}

void BPF_STRUCT_OPS(edf_stopping, struct task_struct *p, bool runnable)
{
	const u64 used = run_time(p);
	struct task_share *share = task_context(p);

	if (!share)
		return;
	share->vtime += per_weight(used, p->scx.weight);
	share->burst += used;
	if (!runnable) {
		share->mean += (share->burst >> LEARN_SHIFT) - (share->mean >> LEARN_SHIFT);
		share->burst = 0;
	}
}

s32 BPF_STRUCT_OPS_SLEEPABLE(edf_init_task, struct task_struct *p, struct scx_init_task_args *args)
{
	/* One without a context has a burst of one turn. A fork must not fail for want of a context. */
	new_task_context(p);
	return 0;
}

/* A turn behind the others, so that a storm of short children moves the clock; and with a burst of one turn. */
void BPF_STRUCT_OPS(edf_enable, struct task_struct *p)
{
	struct task_share *share = task_context(p);

	if (!share)
		return;
	share->vtime = clock + per_weight(slice_ns, p->scx.weight);
	share->mean = slice_ns;
	share->burst = 0;
}

s32 BPF_STRUCT_OPS_SLEEPABLE(edf_init)
{
	return scx_bpf_create_dsq(QUEUE, -1);
}

POLICY_EXIT(edf_exit)

POLICY_HOTPLUG_IGNORED(edf_cpu_online, edf_cpu_offline)

SCX_OPS_DEFINE(edf_ops,
	       .select_cpu = (void *)edf_select_cpu,
	       .enqueue = (void *)edf_enqueue,
	       .dispatch = (void *)edf_dispatch,
	       .running = (void *)edf_running,
	       .stopping = (void *)edf_stopping,
	       .init_task = (void *)edf_init_task,
	       .enable = (void *)edf_enable,
	       .cpu_online = (void *)edf_cpu_online,
	       .cpu_offline = (void *)edf_cpu_offline,
	       .init = (void *)edf_init,
	       .exit = (void *)edf_exit,
	       .name = "edf");
