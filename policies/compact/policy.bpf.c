// SPDX-License-Identifier: (MIT OR GPL-2.0-only)
/*
 * Work gathers on the first CPUs, so that the others can sleep deeply.
 *
 * Shows core compaction that keeps nobody waiting: a task that wakes goes to the idle CPU with the lowest number that
 * it may use, not to the one it was on; only when all are busy does it queue, by weighted virtual time. A light load
 * so ends up on few CPUs, which stay fast and keep their caches, while the rest is left alone.
 *
 * Works for light loads on machines where idle CPUs save power or lend their boost to others. Does not where CPUs
 * share little cache, nor where second threads of cores have low numbers: it would fill both threads of a core first.
 * What it saves cannot be seen in the lab, which has neither frequency nor power.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

/* Turn of every task, ns. Short: waits are short. Long: fewer switches. */
const volatile u64 slice_ns = 3000000;

/* CPUs below this number are filled first; one above is used when none of them is idle. 0: strictly by number. */
const volatile u32 preferred_cpus = 0;

#define QUEUE 0

static u64 clock;

POLICY_RUN_TIME

/* Claims the first idle CPU that the task may use; a negative number if there is none. */
static s32 claim_first_idle(const struct task_struct *p, s32 prev_cpu)
{
	const struct cpumask *idle;
	s32 cpu;

	/* Among the preferred ones the CPU it was on will do, for its cache's sake. */
	if (prev_cpu >= 0 && (u32)prev_cpu < preferred_cpus && bpf_cpumask_test_cpu(prev_cpu, p->cpus_ptr) &&
	    scx_bpf_test_and_clear_cpu_idle(prev_cpu))
		return prev_cpu;
	idle = scx_bpf_get_idle_cpumask();
	cpu = bpf_cpumask_first_and(idle, p->cpus_ptr);
	scx_bpf_put_idle_cpumask(idle);
	if ((u32)cpu < scx_bpf_nr_cpu_ids() && scx_bpf_test_and_clear_cpu_idle(cpu))
		return cpu;
	/* Another CPU was quicker, or there was none: any that is idle now. */
	return scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);
}

s32 BPF_STRUCT_OPS(compact_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	const s32 cpu = claim_first_idle(p, prev_cpu);

	if (cpu < 0)
		return prev_cpu;
	scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, slice_ns, 0);
	return cpu;
}

void BPF_STRUCT_OPS(compact_enqueue, struct task_struct *p, u64 enq_flags)
{
	const u64 vtime = vtime_clamp(p->scx.dsq_vtime, clock, slice_ns);
	s32 cpu;

	scx_bpf_dsq_insert_vtime(p, QUEUE, slice_ns, vtime, enq_flags);
	cpu = claim_first_idle(p, -1);
	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

void BPF_STRUCT_OPS(compact_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(QUEUE);
}

void BPF_STRUCT_OPS(compact_running, struct task_struct *p)
{
	run_begins(p);
	if (vtime_before(clock, p->scx.dsq_vtime))
		clock = p->scx.dsq_vtime;
}

void BPF_STRUCT_OPS(compact_stopping, struct task_struct *p, bool runnable)
{
	const u64 cost = per_weight(run_time(p), p->scx.weight);

	scx_bpf_task_set_dsq_vtime(p, p->scx.dsq_vtime + cost);
}

/* A turn behind the others, so that a storm of short children moves the clock. */
void BPF_STRUCT_OPS(compact_enable, struct task_struct *p)
{
	scx_bpf_task_set_dsq_vtime(p, clock + per_weight(slice_ns, p->scx.weight));
}

s32 BPF_STRUCT_OPS_SLEEPABLE(compact_init)
{
	return scx_bpf_create_dsq(QUEUE, -1);
}

POLICY_EXIT(compact_exit)

POLICY_HOTPLUG_IGNORED(compact_cpu_online, compact_cpu_offline)

SCX_OPS_DEFINE(compact_ops,
	       .select_cpu = (void *)compact_select_cpu,
	       .enqueue = (void *)compact_enqueue,
	       .dispatch = (void *)compact_dispatch,
	       .running = (void *)compact_running,
	       .stopping = (void *)compact_stopping,
	       .enable = (void *)compact_enable,
	       .cpu_online = (void *)compact_cpu_online,
	       .cpu_offline = (void *)compact_cpu_offline,
	       .init = (void *)compact_init,
	       .exit = (void *)compact_exit,
	       .name = "compact");
