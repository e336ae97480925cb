/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/*
 * What a wake-up does in policies/genes, by its tunables: where the woken task goes, and whom it interrupts.
 */
#pragma once

enum { PREVIOUS, IDLE, WAKER, WAKER_NOW, IDLER_OF_TWO };
enum { WAKES_NOBODY, WAKES_IDLE, WAKES_BUSY };

#define ROW_MAX 8 /* tasks that may follow their wakers before the queue has its turn */

/* The running task, as far as it matters to those that wake up. */
struct cpu_state {
	u64 since;
	u64 vtime;
	u64 burst;
	s64 lead;
	u32 in_row;
};
POLICY_CPU_CONTEXT(struct cpu_state)

/* A CPU by lot: which one does not matter, as long as all have their turn. */
static u32 draw(u32 count)
{
	static u32 dice = 1;

	dice = dice * 1664525 + 1013904223;
	return (dice >> 16) % (count ?: 1);
}

/* How much later than `key` the task that runs on a CPU would be queued by now, ns. */
static s64 comes_after(const struct cpu_state *cpu, u64 key, u64 now)
{
	const u64 ran = now - cpu->since;
	const u64 time = time_base == VIRTUAL ? cpu->vtime + ran : now;

	return time - (lead_by == BY_BURST ? lead_after(cpu->burst + ran) : cpu->lead) - key;
}

static void interrupt_for(const struct task_struct *p, u64 key)
{
	const u64 now = scx_bpf_now();
	s32 victim = scx_bpf_task_cpu(p);
	struct cpu_state *here = cpu_context(victim);
	s64 lag = here ? comes_after(here, key, now) : 0;

	if (second_victim) {
		const s32 other = (victim + 1 + draw(cpus - 1)) % cpus;
		struct cpu_state *there = cpu_context(other);

		if (there && bpf_cpumask_test_cpu(other, p->cpus_ptr) && comes_after(there, key, now) > lag) {
			victim = other;
			here = there;
			lag = comes_after(there, key, now);
		}
	}
	if (!here || lag <= (s64)margin_ns || now - here->since < quiet_ns)
		return;
	here->since = now; /* one request is enough */
	scx_bpf_kick_cpu(victim, SCX_KICK_PREEMPT);
}

/* The waker's CPU, when the waker is about to sleep. `now`: before its queue, unless too many have been. */
static bool follow_waker(struct task_struct *p, s32 here, u64 turn)
{
	struct cpu_state *cpu = cpu_context(here);

	if (place_by != WAKER_NOW)
		return true;
	if (!cpu || cpu->in_row >= ROW_MAX || scx_bpf_dsq_nr_queued(SCX_DSQ_LOCAL_ON | here))
		return false;
	cpu->in_row++;
	scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, turn, 0);
	return true;
}

/* The CPU it was on or one drawn by lot: the idle one, else the one with fewer waiting. */
static s32 idler_of_two(const struct task_struct *p, s32 first, bool *is_idle)
{
	const s32 second = draw(cpus);
	const struct cpumask *online = scx_bpf_get_online_cpumask();
	const bool is_there = bpf_cpumask_test_cpu(second, online) && bpf_cpumask_test_cpu(second, p->cpus_ptr);

	scx_bpf_put_cpumask(online);
	*is_idle = scx_bpf_test_and_clear_cpu_idle(first);
	if (*is_idle || !is_there)
		return first;
	*is_idle = scx_bpf_test_and_clear_cpu_idle(second);
	if (*is_idle)
		return second;
	return scx_bpf_dsq_nr_queued(queue_of(second)) < scx_bpf_dsq_nr_queued(queue_of(first)) ? second : first;
}
