// SPDX-License-Identifier: (MIT OR GPL-2.0-only)
/*
 * One queue for the whole machine, first come first served.
 *
 * Shows the least a policy can be: a waking task goes to an idle CPU at once if there is one, else to the end of
 * the kernel's global queue, from which CPUs help themselves. Weight is honoured by the length of a turn.
 *
 * Works well where all CPUs share a cache and tasks are alike: a pool of workers, a build. Does not where short
 * and long tasks mix, for a short one waits for every turn queued before it, nor on many CPUs, for all of them
 * take the lock of one queue.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

/* Turn of a task of nice 0, ns. Short: a queue of n tasks turns quickly. Long: fewer switches, warmer caches. */
const volatile u64 slice_ns = 4000000;

/* A turn may not grow so long that others look starved, nor so short that switching is all that happens. */
#define SLICE_MIN_NS 250000
#define SLICE_MAX_NS 40000000

static u64 turn_of(const struct task_struct *p)
{
	const u64 turn = times_weight(slice_ns, p->scx.weight);

	return turn < SLICE_MIN_NS ? SLICE_MIN_NS : turn > SLICE_MAX_NS ? SLICE_MAX_NS : turn;
}

s32 BPF_STRUCT_OPS(fifo_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	const s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, turn_of(p), 0);
	return cpu;
}

/* The kernel feeds CPUs from the global queue by itself, so there is no dispatch. */
void BPF_STRUCT_OPS(fifo_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, turn_of(p), enq_flags);
	kick_idle_cpu(p);
}

POLICY_EXIT(fifo_exit)

POLICY_HOTPLUG_IGNORED(fifo_cpu_online, fifo_cpu_offline)

SCX_OPS_DEFINE(fifo_ops,
	       .select_cpu = (void *)fifo_select_cpu,
	       .enqueue = (void *)fifo_enqueue,
	       .cpu_online = (void *)fifo_cpu_online,
	       .cpu_offline = (void *)fifo_cpu_offline,
	       .exit = (void *)fifo_exit,
	       .name = "fifo");
