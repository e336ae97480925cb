/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/*
 * Where policies/genes puts a woken task, and whether it runs there at once.
 */
#pragma once

/* One step up from interrupting by order: whoever wakes comes first, and nothing has to be known of it. */
enum { WAKES_AT_ONCE = WAKES_BUSY + 1 };

/* The CPU for a task that does not follow its waker. */
static s32 place(struct task_struct *p, s32 prev_cpu, u64 wake_flags, bool *is_idle)
{
	const bool may_stay = bpf_cpumask_test_cpu(prev_cpu, p->cpus_ptr);

	if (place_by == IDLER_OF_TWO && may_stay)
		return idler_of_two(p, prev_cpu, is_idle);
	if (place_by != PREVIOUS || !may_stay)
		return scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, is_idle);
	*is_idle = scx_bpf_test_and_clear_cpu_idle(prev_cpu);
	return prev_cpu;
}

/* In place of the task that runs there, unless too many have been since the queue had its turn. */
static void run_at_once(struct task_struct *p, s32 cpu, u64 turn)
{
	struct cpu_state *there = cpu_context(cpu);

	if (!there || there->in_row >= ROW_MAX)
		return;
	there->in_row++;
	scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, turn, SCX_ENQ_PREEMPT);
}
