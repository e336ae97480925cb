// SPDX-License-Identifier: (MIT OR GPL-2.0-only)
/*
 * Who wakes often goes first: virtual time with a lead for tasks that sleep and wake many times a second.
 *
 * Shows how little it takes to tell a user's program from a compiler: the number of wake-ups in a period. The more
 * there were, the larger a task's lead over its virtual time when it is queued, up to lead_max_ns. The lead is a
 * place in the queue, not run time: what it runs is charged in full, so a task that wakes often and also runs long
 * falls back, and nobody waits for ever.
 *
 * Works for desktops, games, audio, editors beside builds. Does not for servers whose background work wakes as often
 * as their requests do: both have the lead, and it is `vtime` again.
 */
#include "policy.bpf.h"
#include "policy_preempt.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

/* Turn of every task, ns. Short: who wakes runs soon. Long: fewer switches. */
const volatile u64 slice_ns = 2000000;

/* Lead of a task that wakes `often_per_s` times a second or more, ns. 0: none. Large: builds yield for longer. */
const volatile u64 lead_max_ns = 20000000;

/* Wake-ups a second that bring the whole lead; half as many bring half of it. */
const volatile u64 often_per_s = 100;

/* How long a task runs before a wake-up may interrupt it, ns. Short: short waits, more switches. */
const volatile u64 quiet_ns = 100000;

#define QUEUE 0
#define PERIOD_NS 100000000ull /* over which wake-ups are counted */
#define PERIODS_PER_S (1000000000ull / PERIOD_NS)

static u64 clock;

/* The queue's key is in dsq_vtime, so virtual time is kept here. */
struct task_habit {
	u64 vtime;
	u64 since;   /* when this period began, ns */
	u64 wakeups; /* in this period */
	u64 rate;    /* wake-ups a second, over the periods before this one */
};
POLICY_TASK_CONTEXT(struct task_habit)
POLICY_RUN_TIME
POLICY_PREEMPTION

static u64 lead_of(const struct task_habit *habit)
{
	const u64 often = often_per_s ?: 1;

	return lead_max_ns * (habit->rate < often ? habit->rate : often) / often;
}

s32 BPF_STRUCT_OPS(interactive_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	const s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, slice_ns, 0);
	return cpu;
}

/* A task that is queued after waking, and not after its slice. */
void BPF_STRUCT_OPS(interactive_runnable, struct task_struct *p, u64 enq_flags)
{
	struct task_habit *habit = task_context(p);
	const u64 now = scx_bpf_now();

	if (!habit || !(enq_flags & SCX_ENQ_WAKEUP))
		return;
	habit->wakeups++;
	if (now - habit->since < PERIOD_NS)
		return;
	/* After a long sleep the period is long, and its rate low. */
	habit->rate = (habit->rate + habit->wakeups * PERIODS_PER_S * PERIOD_NS / (now - habit->since)) / 2;
	habit->wakeups = 0;
	habit->since = now;
}

void BPF_STRUCT_OPS(interactive_enqueue, struct task_struct *p, u64 enq_flags)
{
	struct task_habit *habit = task_context(p);
	u64 key = clock;

	if (habit) {
		habit->vtime = vtime_clamp(habit->vtime, clock, slice_ns);
		key = habit->vtime - lead_of(habit);
	}
	scx_bpf_dsq_insert_vtime(p, QUEUE, slice_ns, key, enq_flags);
	if (!kick_idle_cpu(p) && (enq_flags & SCX_ENQ_WAKEUP))
		preempt_for(p, key, quiet_ns);
}

void BPF_STRUCT_OPS(interactive_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(QUEUE);
}

void BPF_STRUCT_OPS(interactive_running, struct task_struct *p)
{
	const struct task_habit *habit = task_context(p);

	run_begins(p);
	preempt_notes(p, p->scx.dsq_vtime);
	if (habit && vtime_before(clock, habit->vtime))
		clock = habit->vtime;
}

void BPF_STRUCT_OPS(interactive_stopping, struct task_struct *p, bool runnable)
{
	struct task_habit *habit = task_context(p);

	if (habit)
		habit->vtime += per_weight(run_time(p), p->scx.weight);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(interactive_init_task, struct task_struct *p, struct scx_init_task_args *args)
{
	/* One without a context has no lead. A fork must not fail for want of a context. */
	new_task_context(p);
	return 0;
}

/* A turn behind the others, so that a storm of short children moves the clock; habits have to be shown. */
void BPF_STRUCT_OPS(interactive_enable, struct task_struct *p)
{
	struct task_habit *habit = task_context(p);

	if (!habit)
		return;
	habit->vtime = clock + per_weight(slice_ns, p->scx.weight);
	habit->since = scx_bpf_now();
	habit->wakeups = 0;
	habit->rate = 0;
}

s32 BPF_STRUCT_OPS_SLEEPABLE(interactive_init)
{
	return scx_bpf_create_dsq(QUEUE, -1);
}

POLICY_EXIT(interactive_exit)

POLICY_HOTPLUG_IGNORED(interactive_cpu_online, interactive_cpu_offline)

SCX_OPS_DEFINE(interactive_ops,
	       .select_cpu = (void *)interactive_select_cpu,
	       .enqueue = (void *)interactive_enqueue,
	       .dispatch = (void *)interactive_dispatch,
	       .runnable = (void *)interactive_runnable,
	       .running = (void *)interactive_running,
	       .stopping = (void *)interactive_stopping,
	       .init_task = (void *)interactive_init_task,
	       .enable = (void *)interactive_enable,
	       .cpu_online = (void *)interactive_cpu_online,
	       .cpu_offline = (void *)interactive_cpu_offline,
	       .init = (void *)interactive_init,
	       .exit = (void *)interactive_exit,
	       .name = "interactive");
