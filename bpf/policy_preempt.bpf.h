/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/*
 * Wake-ups that interrupt, within limits. A turn ends at a tick (4 ms at 250 Hz) whatever its slice is, so a policy
 * that wants shorter waits has to ask for the CPU. A task that has run for less than `quiet_ns` is left alone, which
 * bounds interruptions to one per CPU in that time, and so is one whose key is not later.
 *
 * POLICY_PREEMPTION makes preempt_notes(p, key) for ops.running and preempt_for(p, key, quiet_ns), to be called in
 * ops.enqueue after the insert, for a task that has just woken.
 */
#pragma once

struct policy_turn {
	u64 key;   /* by which the running task was ordered */
	u64 since; /* ns */
};

#define POLICY_PREEMPTION                                                                           \
	struct {                                                                                    \
		__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);                                            \
		__uint(max_entries, 1);                                                             \
		__type(key, u32);                                                                   \
		__type(value, struct policy_turn);                                                  \
	} turns SEC(".maps");                                                                       \
	static __always_inline struct policy_turn *turn_on_cpu_of(const struct task_struct *p)      \
	{                                                                                           \
		const u32 only = 0;                                                                 \
		return bpf_map_lookup_percpu_elem(&turns, &only, scx_bpf_task_cpu(p));              \
	}                                                                                           \
	static __always_inline void preempt_notes(const struct task_struct *p, u64 key)             \
	{                                                                                           \
		struct policy_turn *turn = turn_on_cpu_of(p);                                       \
		if (turn) {                                                                         \
			turn->key = key;                                                            \
			turn->since = scx_bpf_now();                                                \
		}                                                                                   \
	}                                                                                           \
	static __always_inline void preempt_for(const struct task_struct *p, u64 key, u64 quiet_ns) \
	{                                                                                           \
		struct policy_turn *turn = turn_on_cpu_of(p);                                       \
		const u64 now = scx_bpf_now();                                                      \
		if (!turn || !vtime_before(key, turn->key) || now - turn->since < quiet_ns)         \
			return;                                                                     \
		turn->since = now; /* one request is enough */                                      \
		scx_bpf_kick_cpu(scx_bpf_task_cpu(p), SCX_KICK_PREEMPT);                            \
	}
