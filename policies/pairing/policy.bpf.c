// SPDX-License-Identifier: (MIT OR GPL-2.0-only)
/*
 * A task woken by one that is about to sleep takes its place: both ends of a pipe on one CPU.
 *
 * Shows what a synchronous wake-up (SCX_WAKE_SYNC) is good for. Reader and writer share what is in the cache, and no
 * other CPU need be woken. The kernel only hints that the waker will sleep, so wakers that went on running are not
 * believed for their next wake-ups. Tasks on the CPU's local queue go ahead of everybody else, so after pairs_max of
 * them in a row one has to come from the common queue, which is ordered by weighted virtual time.
 *
 * Works for pipes, sockets between two processes, RPC on one machine. Does not for wakers that work on while others
 * could run: they are told apart only after the fact.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

/* Turn of every task, ns. Short: one that was misplaced waits shorter. Long: fewer switches. */
const volatile u64 slice_ns = 2000000;

/* Wake-ups in a row that may pass by the common queue on one CPU. Large: pairs are faster, others wait longer. */
const volatile u32 pairs_max = 16;

/* Synchronous wake-ups of a task that are taken for ordinary ones after it failed to sleep. */
const volatile u32 doubts = 8;

#define QUEUE 0

static u64 clock;

struct task_waker {
	bool promised; /* it has woken another and was expected to sleep */
	u32 doubt;
};
POLICY_TASK_CONTEXT(struct task_waker)
POLICY_RUN_TIME

struct cpu_pairs {
	u32 in_row;
};
POLICY_CPU_CONTEXT(struct cpu_pairs)

/* Whether `p` should follow the running task on this CPU. */
static bool should_pair(const struct task_struct *p, s32 cpu)
{
	struct task_waker *waker = task_context(bpf_get_current_task_btf());
	struct cpu_pairs *pairs = cpu_context(cpu);

	if (!waker || !pairs || !bpf_cpumask_test_cpu(cpu, p->cpus_ptr))
		return false;
	if (waker->doubt) {
		waker->doubt--;
		return false;
	}
	/* One that waits there already would be waited for too. */
	if (pairs->in_row >= pairs_max || scx_bpf_dsq_nr_queued(SCX_DSQ_LOCAL_ON | cpu))
		return false;
	pairs->in_row++;
	waker->promised = true;
	return true;
}

s32 BPF_STRUCT_OPS(pairing_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	const s32 here = bpf_get_smp_processor_id();
	bool is_idle = false;
	s32 cpu;

	if ((wake_flags & SCX_WAKE_SYNC) && should_pair(p, here)) {
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, slice_ns, 0);
		return here;
	}
	cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);
	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, slice_ns, 0);
	return cpu;
}

void BPF_STRUCT_OPS(pairing_enqueue, struct task_struct *p, u64 enq_flags)
{
	const u64 vtime = vtime_clamp(p->scx.dsq_vtime, clock, slice_ns);

	scx_bpf_dsq_insert_vtime(p, QUEUE, slice_ns, vtime, enq_flags);
	kick_idle_cpu(p);
}

/* The kernel asks only when a CPU's local queue is empty: the row of pairs has ended. */
void BPF_STRUCT_OPS(pairing_dispatch, s32 cpu, struct task_struct *prev)
{
	struct cpu_pairs *pairs = cpu_context(cpu);

	if (pairs)
		pairs->in_row = 0;
	scx_bpf_dsq_move_to_local(QUEUE);
}

void BPF_STRUCT_OPS(pairing_running, struct task_struct *p)
{
	run_begins(p);
	if (vtime_before(clock, p->scx.dsq_vtime))
		clock = p->scx.dsq_vtime;
}

void BPF_STRUCT_OPS(pairing_stopping, struct task_struct *p, bool runnable)
{
	const u64 cost = per_weight(run_time(p), p->scx.weight);
	struct task_waker *waker = task_context(p);

	scx_bpf_task_set_dsq_vtime(p, p->scx.dsq_vtime + cost);
	if (waker && waker->promised) {
		waker->promised = false;
		waker->doubt = runnable ? doubts : 0;
	}
}

s32 BPF_STRUCT_OPS_SLEEPABLE(pairing_init_task, struct task_struct *p, struct scx_init_task_args *args)
{
	/* One without a context wakes nobody into its place. A fork must not fail for want of a context. */
	new_task_context(p);
	return 0;
}

/* A turn behind the others, so that a storm of short children moves the clock. */
void BPF_STRUCT_OPS(pairing_enable, struct task_struct *p)
{
	scx_bpf_task_set_dsq_vtime(p, clock + per_weight(slice_ns, p->scx.weight));
}

s32 BPF_STRUCT_OPS_SLEEPABLE(pairing_init)
{
	return scx_bpf_create_dsq(QUEUE, -1);
}

POLICY_EXIT(pairing_exit)

POLICY_HOTPLUG_IGNORED(pairing_cpu_online, pairing_cpu_offline)

SCX_OPS_DEFINE(pairing_ops,
	       .select_cpu = (void *)pairing_select_cpu,
	       .enqueue = (void *)pairing_enqueue,
	       .dispatch = (void *)pairing_dispatch,
	       .running = (void *)pairing_running,
	       .stopping = (void *)pairing_stopping,
	       .init_task = (void *)pairing_init_task,
	       .enable = (void *)pairing_enable,
	       .cpu_online = (void *)pairing_cpu_online,
	       .cpu_offline = (void *)pairing_cpu_offline,
	       .init = (void *)pairing_init,
	       .exit = (void *)pairing_exit,
	       .name = "pairing");
