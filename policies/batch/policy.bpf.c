// SPDX-License-Identifier: (MIT OR GPL-2.0-only)
/*
 * Long turns on the CPU a task was on: few switches, few moves, warm caches.
 *
 * Shows a queue for each CPU with fair order in it, and a CPU that would go idle taking from the others. A wake-up
 * never interrupts anybody. Kernel threads that belong to one CPU are the exception, for others wait for what they
 * do: they go ahead of the queue with a short turn.
 *
 * Works for compute jobs, builds, rendering, training. Does not for anything that somebody waits for: behind n tasks
 * a wake-up waits for n long turns.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

/* Turn of every task, ns. Short: waits are shorter. Long: fewer switches, up to what the longest wait may be. */
const volatile u64 slice_ns = 20000000;

/* Turn of a kernel thread that belongs to one CPU, ns. */
const volatile u64 kthread_slice_ns = 1000000;

/* Queues are numbered like CPUs, for all CPUs there can be: one that comes later finds its own. */
#define CPUS_MAX 1024

/* A queue must be longer than ours by this to be helped: a task less is no reason to give up a warm cache. */
#define HELP_MARGIN 1

static u64 clocks[CPUS_MAX];
static u32 cpu_ids;

static bool gone[CPUS_MAX];

/* The queue whose clock a task's virtual time goes by. */
struct task_home {
	u32 cpu;
};
POLICY_TASK_CONTEXT(struct task_home)
POLICY_RUN_TIME

static u32 queue_of(s32 cpu)
{
	return (u32)cpu % CPUS_MAX;
}

#define PF_KTHREAD 0x00200000 /* include/linux/sched.h; vmlinux.h has no macros */

static bool is_cpu_kthread(const struct task_struct *p)
{
	return (p->flags & PF_KTHREAD) && p->nr_cpus_allowed == 1;
}

s32 BPF_STRUCT_OPS(batch_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	const s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, slice_ns, 0);
	return cpu;
}

void BPF_STRUCT_OPS(batch_enqueue, struct task_struct *p, u64 enq_flags)
{
	const u32 queue = queue_of(scx_bpf_task_cpu(p));
	struct task_home *home = task_context(p);
	u64 vtime = p->scx.dsq_vtime;

	if (is_cpu_kthread(p)) {
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, kthread_slice_ns, enq_flags);
		return;
	}
	/* On another queue it keeps its distance to the clock, not the time. */
	if (home && home->cpu != queue) {
		vtime += clocks[queue] - clocks[queue_of(home->cpu)];
		home->cpu = queue;
	}
	vtime = vtime_clamp(vtime, clocks[queue], slice_ns);
	scx_bpf_dsq_insert_vtime(p, queue, slice_ns, vtime, enq_flags);
	kick_idle_cpu(p);
}

/*
 * Queues that differ stay so while all CPUs are busy. One look at a random other queue on each turn evens them out in
 * time, and costs next to nothing. A CPU that would go idle looks at all of them, beginning with its neighbour, so
 * that they do not all rob the first.
 */
void BPF_STRUCT_OPS(batch_dispatch, s32 cpu, struct task_struct *prev)
{
	const u32 ids = cpu_ids ?: 1;
	const u32 other = queue_of(bpf_get_prandom_u32() % ids);
	const s32 margin = gone[other] ? 0 : scx_bpf_dsq_nr_queued(queue_of(cpu)) + HELP_MARGIN;
	u32 i;

	if (scx_bpf_dsq_nr_queued(other) > margin && scx_bpf_dsq_move_to_local(other))
		return;
	if (scx_bpf_dsq_move_to_local(queue_of(cpu)))
		return;
	bpf_for(i, 1, ids) {
		const u32 next = queue_of((cpu + i) % ids);

		if (scx_bpf_dsq_nr_queued(next) > 0 && scx_bpf_dsq_move_to_local(next))
			return;
	}
}

void BPF_STRUCT_OPS(batch_running, struct task_struct *p)
{
	const struct task_home *home = task_context(p);
	const u32 queue = home ? queue_of(home->cpu) : 0;

	run_begins(p);
	if (vtime_before(clocks[queue], p->scx.dsq_vtime))
		clocks[queue] = p->scx.dsq_vtime;
}

void BPF_STRUCT_OPS(batch_stopping, struct task_struct *p, bool runnable)
{
	const u64 cost = per_weight(run_time(p), p->scx.weight);

	scx_bpf_task_set_dsq_vtime(p, p->scx.dsq_vtime + cost);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(batch_init_task, struct task_struct *p, struct scx_init_task_args *args)
{
	/* One without a context goes by the clock of CPU 0. A fork must not fail for want of a context. */
	new_task_context(p);
	return 0;
}

/* A turn behind the others of its queue, so that a storm of short children moves the clock. */
void BPF_STRUCT_OPS(batch_enable, struct task_struct *p)
{
	struct task_home *home = task_context(p);
	const u32 queue = home ? queue_of(scx_bpf_task_cpu(p)) : 0;

	if (home)
		home->cpu = queue;
	scx_bpf_task_set_dsq_vtime(p, clocks[queue] + per_weight(slice_ns, p->scx.weight));
}

s32 BPF_STRUCT_OPS_SLEEPABLE(batch_init)
{
	s32 error = 0;
	u32 i;

	cpu_ids = scx_bpf_nr_cpu_ids();
	if (cpu_ids > CPUS_MAX)
		cpu_ids = CPUS_MAX;
	bpf_for(i, 0, cpu_ids) {
		error = scx_bpf_create_dsq(i, -1);
		if (error)
			break;
	}
	return error;
}

POLICY_EXIT(batch_exit)

/* The queue of a CPU that is gone may not wait for one that has nothing else: there may be none. */
void BPF_STRUCT_OPS(batch_cpu_online, s32 cpu)
{
	gone[queue_of(cpu)] = false;
}

void BPF_STRUCT_OPS(batch_cpu_offline, s32 cpu)
{
	gone[queue_of(cpu)] = true;
}

SCX_OPS_DEFINE(batch_ops,
	       .select_cpu = (void *)batch_select_cpu,
	       .enqueue = (void *)batch_enqueue,
	       .dispatch = (void *)batch_dispatch,
	       .running = (void *)batch_running,
	       .stopping = (void *)batch_stopping,
	       .init_task = (void *)batch_init_task,
	       .enable = (void *)batch_enable,
	       .cpu_online = (void *)batch_cpu_online,
	       .cpu_offline = (void *)batch_cpu_offline,
	       .init = (void *)batch_init,
	       .exit = (void *)batch_exit,
	       .name = "batch");
