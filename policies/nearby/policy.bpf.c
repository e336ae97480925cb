// SPDX-License-Identifier: (MIT OR GPL-2.0-only)
/*
 * Synthesized for mixed on 2 CPUs (wakeup_p99_ns); README.md says what came of it.
 *
 * Many policies in one: which queues there are, their order, turns, placement and preemption are tunables.
 *
 * Shows what schedulers are made of, and lets a search put them together (docs/synthesis.md). Every choice is a
 * constant when the policy is loaded, so the verifier drops what was not chosen and the kernel runs what is left.
 * A task's key is its time, virtual or of arrival, less a lead that it has earned by one of several measures. Leads
 * are bounded, and the last of a queue in virtual time has a turn every patience_ns, so that nobody starves.
 *
 * Works for loads that are known and can be tried in the lab. Unsearched it is `vtime`.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

/* CPUs that share a queue: 0 all, 1 each has its own, n as many with consecutive numbers (a cache, say). */
const volatile u32 queue_cpus = 1;

/* In order of arrival: a task queues where it was, and shares a queue only while a CPU is idle. Switches cost less. */
const volatile bool keep_local = 0;

/* How many more tasks must wait in the longest queue than in ours before one is fetched; idle CPUs always fetch. */
const volatile u32 steal_margin = 3;

/* A queue goes by: 0 arrival, 1 virtual time by weight. */
const volatile u32 time_base = 0;

/* A task leads its time: 0 never, 1 it lags by its turn (a deadline), 2 by its wake-ups a second, 3 the shorter it
 * usually runs, 4 the less it has run since it woke. */
const volatile u32 lead_by = 4;

/* The longest lead, ns. Large: those who run long wait longer. */
const volatile u64 lead_ns = 16000000;

/* Who runs this long has no lead left, ns. Large: longer bursts keep some of it. */
const volatile u64 burst_ns = 1000000;

/* Virtual time that a task may save up by sleeping, ns. Large: sleepers come first for longer. */
const volatile u64 credit_ns = 3000000;

/* Once in this time the last of a queue in virtual time goes first, ns. Short: order counts for less. */
const volatile u64 patience_ns = 100000000;

/* A new task starts a turn behind the others. Off: children run sooner, and storms of them hold up the rest. */
const volatile bool newcomers_wait = 1;

/* Turn of a task, ns. Short: waits are short. Long: fewer switches. */
const volatile u64 slice_ns = 3000000;

/* A turn is: 0 slice_ns, 1 shorter the longer the queue, 2 longer by weight, 3 what the task usually runs. */
const volatile u32 slice_by = 0;

/* A woken task is put on: 0 the CPU it was on, 1 an idle one, 2 the waker's when that is about to sleep, 3 the same
 * and before the queue, 4 the idler of the one it was on and any other. */
const volatile u32 place_by = 1;

/* A child begins where its parent runs, without a look for an idle CPU. */
const volatile bool forks_stay = 0;

/* A queued task wakes up: 0 nobody, 1 an idle CPU, 2 that or a CPU whose task comes after it, 3 an idle CPU, and
 * who wakes up takes the place of the task that runs there. */
const volatile u32 wakes = 2;

/* How long a task runs before a wake-up may interrupt it, ns. Short: short waits, more switches. */
const volatile u64 quiet_ns = 300000;

/* By how much a woken task must come before a running one to interrupt it, ns. Large: fewer interruptions. */
const volatile u64 margin_ns = 0;

/* Look at another CPU as well for the task that is to be interrupted. */
const volatile bool second_victim = 0;

/* Tasks taken off a queue at once while more wait than there are CPUs. Many: fewer locks, coarser order. */
const volatile u32 batch = 1;

/* Threads of the kernel that belong to a CPU do not queue. */
const volatile bool kthreads_first = 0;

#include "genes_order.bpf.h"
#include "genes_wake.bpf.h"
#include "genes_place.bpf.h"
#include "genes_plain.bpf.h"

#define LOOKS 8               /* at the end of a queue, for one that may run here */
#define PF_KTHREAD 0x00200000 /* include/linux/sched.h; vmlinux.h has no macros */

static u32 queue_of_task(const struct task_struct *p)
{
	return queue_cpus == ALL_CPUS ? 0 : queue_of(scx_bpf_task_cpu(p));
}

s32 BPF_STRUCT_OPS(nearby_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu;

	if (forks_stay && (wake_flags & SCX_WAKE_FORK) && bpf_cpumask_test_cpu(prev_cpu, p->cpus_ptr))
		return prev_cpu;
	if ((place_by == WAKER || place_by == WAKER_NOW) && (wake_flags & SCX_WAKE_SYNC)) {
		const s32 here = bpf_get_smp_processor_id();

		if (bpf_cpumask_test_cpu(here, p->cpus_ptr) && follow_waker(p, here, turn_of(p, queue_of(here))))
			return here;
	}
	cpu = place(p, prev_cpu, wake_flags, &is_idle);
	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, turn_of(p, queue_of(cpu)), 0);
	else if (wakes == WAKES_AT_ONCE && (wake_flags & SCX_WAKE_TTWU))
		run_at_once(p, cpu, turn_of(p, queue_of(cpu)));
	return cpu;
}

void BPF_STRUCT_OPS(nearby_enqueue, struct task_struct *p, u64 enq_flags)
{
	const u32 queue = queue_of_task(p);
	const u64 turn = turn_of(p, queue);
	struct task_state *task;
	u64 key;

	if (queue_cpus != ALL_CPUS && !scx_bpf_dsq_nr_queued(queue))
		taken_from(queue);
	if (kthreads_first && (p->flags & PF_KTHREAD) && p->nr_cpus_allowed == 1) {
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, turn, enq_flags);
		return;
	}
	if (is_plain()) {
		insert_plain(p, queue, turn, enq_flags);
		return;
	}
	task = state_of(p);
	key = (time_base == VIRTUAL ? settle(task, queue) : scx_bpf_now()) - lead_of(p, task, turn);
	scx_bpf_dsq_insert_vtime(p, queue, turn, key, enq_flags);
	if (wakes == WAKES_NOBODY || kick_idle_cpu(p))
		return;
	if (wakes == WAKES_BUSY && (enq_flags & SCX_ENQ_WAKEUP))
		interrupt_for(p, key);
}

/* Whether it was time for the last of the queue, and it could run here. */
static bool serve_last(u32 queue, s32 cpu)
{
	struct queue_state *state = &states[queue % QUEUES];
	const u64 now = scx_bpf_now();
	struct task_struct *p;
	u32 looks = 0;

	if (now - state->served < patience_ns)
		return false;
	state->served = now;
	bpf_for_each(scx_dsq, p, queue, SCX_DSQ_ITER_REV) {
		const bool may_run = bpf_cpumask_test_cpu(cpu, p->cpus_ptr) && !p->migration_disabled;

		if (may_run && scx_bpf_dsq_move(BPF_FOR_EACH_ITER, p, SCX_DSQ_LOCAL, 0)) {
			taken_from(queue);
			return true;
		}
		if (++looks >= LOOKS)
			break;
	}
	return false;
}

static bool take(u32 queue)
{
	u32 i;

	if (!scx_bpf_dsq_move_to_local(queue))
		return false;
	taken_from(queue);
	if (batch <= 1)
		return true;
	bpf_for(i, 1, batch) {
		if (scx_bpf_dsq_nr_queued(queue) <= cpus || !scx_bpf_dsq_move_to_local(queue))
			break;
	}
	return true;
}

void BPF_STRUCT_OPS(nearby_dispatch, s32 cpu, struct task_struct *prev)
{
	const u32 own = queue_of(cpu);
	struct cpu_state *here = place_by == WAKER_NOW || wakes == WAKES_AT_ONCE ? cpu_context(cpu) : NULL;
	u32 from = own, i;

	if (here)
		here->in_row = 0;
	if (feeds_itself() || (time_base == VIRTUAL && serve_last(own, cpu)))
		return;
	if (queue_cpus != ALL_CPUS) {
		s32 longest = scx_bpf_dsq_nr_queued(own) + steal_margin;

		bpf_for(i, 0, queues) {
			const s32 waiting = scx_bpf_dsq_nr_queued(i);

			if (i != own && waiting && is_abandoned(i)) {
				from = i;
				break;
			}
			if (waiting > longest) {
				longest = waiting;
				from = i;
			}
		}
		if (from != own && scx_bpf_dsq_move_to_local(from))
			return;
	}
	if (take(own) || queue_cpus == ALL_CPUS)
		return;
	bpf_for(i, 0, queues) {
		if (scx_bpf_dsq_move_to_local(i))
			return;
	}
}

void BPF_STRUCT_OPS(nearby_running, struct task_struct *p)
{
	struct task_state *task = state_of(p);
	struct cpu_state *cpu = wakes == WAKES_BUSY ? cpu_context(scx_bpf_task_cpu(p)) : NULL;

	if (task)
		run_begins(p);
	if (task && time_base == VIRTUAL) {
		struct queue_state *state = &states[task->queue % QUEUES];

		if (vtime_before(state->clock, task->vtime))
			state->clock = task->vtime;
	}
	if (cpu) {
		cpu->since = scx_bpf_now();
		cpu->vtime = task ? task->vtime : 0;
		cpu->burst = task ? task->burst : 0;
		cpu->lead = lead_of(p, task, p->scx.slice);
	}
}

void BPF_STRUCT_OPS(nearby_stopping, struct task_struct *p, bool runnable)
{
	struct task_state *task = state_of(p);
	u64 used;

	if (!task)
		return;
	used = run_time(p);
	task->vtime += per_weight(used, p->scx.weight);
	task->burst += used;
	if (!runnable) {
		task->usual += (task->burst >> LEARN_SHIFT) - (task->usual >> LEARN_SHIFT);
		task->burst = 0;
	}
}

s32 BPF_STRUCT_OPS_SLEEPABLE(nearby_init_task, struct task_struct *p, struct scx_init_task_args *args)
{
	/* One without a context is level with the clock and has no lead. A fork must not fail for want of a context. */
	if (knows_tasks())
		new_task_context(p);
	return 0;
}

void BPF_STRUCT_OPS(nearby_enable, struct task_struct *p)
{
	const u32 queue = queue_of_task(p);
	struct task_state *task = state_of(p);

	if (!task)
		return;
	task->queue = queue;
	task->vtime = states[queue % QUEUES].clock + (newcomers_wait ? per_weight(slice_ns, p->scx.weight) : 0);
	task->burst = 0;
	task->usual = slice_ns / 2;
	task->since = scx_bpf_now();
	task->wakeups = task->rate = 0;
}

s32 BPF_STRUCT_OPS_SLEEPABLE(nearby_init)
{
	s32 error = 0;
	u32 i;

	cpus = scx_bpf_nr_cpu_ids();
	if (queue_cpus != ALL_CPUS)
		queues = at_most((cpus + queue_cpus - 1) / queue_cpus, QUEUES);
	bpf_for(i, 0, queues) {
		error = scx_bpf_create_dsq(i, -1);
		if (error)
			break;
	}
	return error;
}

POLICY_EXIT(nearby_exit)

/* A queue that is left alone is emptied by the others. */
POLICY_HOTPLUG_IGNORED(nearby_cpu_online, nearby_cpu_offline)

SCX_OPS_DEFINE(nearby_ops,
	       .select_cpu = (void *)nearby_select_cpu,
	       .enqueue = (void *)nearby_enqueue,
	       .dispatch = (void *)nearby_dispatch,
	       .running = (void *)nearby_running,
	       .stopping = (void *)nearby_stopping,
	       .init_task = (void *)nearby_init_task,
	       .enable = (void *)nearby_enable,
	       .cpu_online = (void *)nearby_cpu_online,
	       .cpu_offline = (void *)nearby_cpu_offline,
	       .init = (void *)nearby_init,
	       .exit = (void *)nearby_exit,
	       .name = "nearby");
