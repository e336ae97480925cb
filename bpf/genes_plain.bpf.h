/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/*
 * Queues in order of arrival in policies/genes: nobody comes before another, so the kernel's own queues will do.
 */
#pragma once

static bool is_plain(void)
{
	return time_base == ARRIVAL && lead_by == NO_LEAD;
}

/* All share one queue that nobody counts: the kernel has such a one, and feeds CPUs from it itself. */
static bool feeds_itself(void)
{
	const bool is_counted = slice_by == BY_QUEUE || place_by == WAKER_NOW || wakes == WAKES_AT_ONCE || batch > 1;

	return is_plain() && queue_cpus == ALL_CPUS && !keep_local && !is_counted;
}

/*
 * With keep_local the shared queue is for those that an idle CPU can take, who is kicked for them. While it has any,
 * all others go there too, or CPUs with tasks of their own might never come to it. For who wakes up an idle CPU has
 * been looked for already.
 */
static void insert_plain(struct task_struct *p, u32 queue, u64 turn, u64 enq_flags)
{
	const bool may_stay = keep_local && queue_cpus == ALL_CPUS && !scx_bpf_dsq_nr_queued(queue);
	const bool kicked = may_stay && !(enq_flags & SCX_ENQ_WAKEUP) && kick_idle_cpu(p);

	if (may_stay && !kicked) {
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, turn, enq_flags);
		return;
	}
	scx_bpf_dsq_insert(p, feeds_itself() ? SCX_DSQ_GLOBAL : queue, turn, enq_flags);
	if (!kicked && wakes != WAKES_NOBODY)
		kick_idle_cpu(p);
}
