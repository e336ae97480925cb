/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/*
 * Queues, turns and keys of policies/genes, by its tunables: who is next, and for how long.
 */
#pragma once

enum { ALL_CPUS };
enum { ARRIVAL, VIRTUAL };
enum { NO_LEAD, DEADLINE, BY_WAKEUPS, BY_USUAL_BURST, BY_BURST };
enum { FIXED, BY_QUEUE, BY_WEIGHT, BY_HABIT };

#define QUEUES 1024
#define PERIOD_NS 100000000ull /* over which wake-ups are counted */
#define OFTEN_PER_S 200        /* wake-ups a second that bring the whole lead */
#define LEARN_SHIFT 2          /* the last burst counts a quarter */
#define ABANDONED_NS 50000000  /* in which nobody who should has taken from a queue */

struct queue_state {
	u64 clock;  /* the furthest virtual time at which a task has begun to run */
	u64 served; /* when its last task had a turn, ns */
	u64 taken;  /* when a CPU of its own took from it, or its first task came, ns */
};
static struct queue_state states[QUEUES];
static u32 queues = 1;
static u32 cpus = 1;

struct task_state {
	u64 vtime;
	u64 burst;   /* run since it woke, ns */
	u64 usual;   /* mean of whole bursts, ns */
	u64 since;   /* when this period of counting began, ns */
	u64 wakeups; /* in this period */
	u64 rate;    /* wake-ups a second */
	u32 queue;   /* whose clock its virtual time goes by */
};
POLICY_TASK_CONTEXT(struct task_state)
POLICY_RUN_TIME

static u32 queue_of(s32 cpu)
{
	return queue_cpus == ALL_CPUS ? 0 : (u32)cpu / queue_cpus % QUEUES;
}

static void taken_from(u32 queue)
{
	if (queue_cpus != ALL_CPUS)
		states[queue % QUEUES].taken = scx_bpf_now();
}

/*
 * Its CPUs are offline or kept by a higher class. Helping does not count as taking, so that it is emptied at once.
 * Clocks of CPUs differ a little: another one may have taken from it in our future.
 */
static bool is_abandoned(u32 queue)
{
	return vtime_before(states[queue % QUEUES].taken + ABANDONED_NS, scx_bpf_now());
}

static u64 at_most(u64 value, u64 most)
{
	return value < most ? value : most;
}

/* Nothing is kept of single tasks where nobody asks: looking it up is what costs most. */
static bool knows_tasks(void)
{
	return time_base == VIRTUAL || lead_by >= BY_WAKEUPS || slice_by == BY_HABIT;
}

static struct task_state *state_of(struct task_struct *p)
{
	return knows_tasks() ? task_context(p) : NULL;
}

static u64 turn_of(struct task_struct *p, u32 queue)
{
	const struct task_state *task = slice_by == BY_HABIT ? task_context(p) : NULL;
	const u64 least = slice_ns / 8, most = slice_ns * 4;
	u64 turn = slice_ns;

	if (slice_by == BY_QUEUE) {
		const u64 here = queue_cpus ?: cpus;

		turn = slice_ns * here / (scx_bpf_dsq_nr_queued(queue) + here);
	} else if (slice_by == BY_WEIGHT) {
		turn = times_weight(slice_ns, p->scx.weight);
	} else if (slice_by == BY_HABIT && task) {
		turn = 2 * task->usual;
	}
	return turn < least ? least : at_most(turn, most);
}

static s64 lead_after(u64 burst)
{
	return lead_ns - lead_ns * at_most(burst, burst_ns) / (burst_ns ?: 1);
}

static s64 lead_of(const struct task_struct *p, const struct task_state *task, u64 turn)
{
	if (lead_by == DEADLINE)
		return -(s64)per_weight(turn, p->scx.weight);
	if (!task)
		return 0;
	if (lead_by == BY_WAKEUPS)
		return lead_ns * at_most(task->rate, OFTEN_PER_S) / OFTEN_PER_S;
	if (lead_by == BY_USUAL_BURST)
		return lead_after(task->usual);
	if (lead_by == BY_BURST)
		return lead_after(task->burst);
	return 0;
}

/* On another queue a task keeps its distance to the clock, not the time; it brings along so much credit and no more. */
static u64 settle(struct task_state *task, u32 queue)
{
	const u64 clock = states[queue % QUEUES].clock;

	if (!task)
		return clock;
	if (queue_cpus != ALL_CPUS && task->queue != queue) {
		task->vtime += clock - states[task->queue % QUEUES].clock;
		task->queue = queue;
	}
	task->vtime = vtime_clamp(task->vtime, clock, credit_ns);
	return task->vtime;
}
