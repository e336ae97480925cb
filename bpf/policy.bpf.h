/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/*
 * What every policy includes: the target kernel's types, the macros that make callbacks and an ops table, the
 * exit record, and helpers for weights and virtual time.
 *
 * A policy is compiled against the vmlinux.h of the kernel it is for, so SCX_* constants are always that
 * kernel's. It names kfuncs as Linux 6.13 and later do; policy_compat.bpf.h makes them work from 6.12 to 7.3.
 * Callbacks, licence and the ops table stay in sight: nothing here schedules.
 */
#pragma once

#include "vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "policy_compat.bpf.h"
#include "policy_names.bpf.h"
/* A callback; its name is that of the function. Sleepable ones (init, exit, init_task, cgroup_init, cgroup_exit,
 * cgroup_prep_move, cpu_online, cpu_offline) may allocate and create queues. */
#define BPF_STRUCT_OPS(name, args...) SEC("struct_ops/" #name) BPF_PROG(name, ##args)
#define BPF_STRUCT_OPS_SLEEPABLE(name, args...) SEC("struct_ops.s/" #name) BPF_PROG(name, ##args)

/* The ops table, last in a policy: SCX_OPS_DEFINE(fifo_ops, .enqueue = (void *)fifo_enqueue, …). */
#define SCX_OPS_DEFINE(ops_name, args...)                                                           \
	SEC(".struct_ops.link") struct sched_ext_ops ops_name = { args }

/* Why the kernel let the policy go; user space reads it by this name. A kind other than 0 says it is complete. */
struct policy_exit_record {
	s32 kind;
	s64 exit_code;
	char reason[128];
	char msg[1024];
};
struct policy_exit_record tunesmith_exit;

static __always_inline void record_exit(const struct scx_exit_info *info)
{
	bpf_probe_read_kernel_str(tunesmith_exit.reason, sizeof(tunesmith_exit.reason), info->reason);
	bpf_probe_read_kernel_str(tunesmith_exit.msg, sizeof(tunesmith_exit.msg), info->msg);
	tunesmith_exit.exit_code = info->exit_code;
	/* Last and as a release, for user space may be watching this field. */
	__sync_lock_test_and_set(&tunesmith_exit.kind, info->kind);
}

/* ops.exit of a policy that has nothing else to do there: POLICY_EXIT(fifo_exit). */
#define POLICY_EXIT(name)                                                                           \
	void BPF_STRUCT_OPS_SLEEPABLE(name, struct scx_exit_info *info)                             \
	{                                                                                           \
		record_exit(info);                                                                  \
	}

/* cpu_online and cpu_offline of a policy that keeps nothing for single CPUs. Without the two, the kernel ends a
 * policy as soon as a CPU comes or goes. */
#define POLICY_HOTPLUG_IGNORED(online, offline)                                                     \
	void BPF_STRUCT_OPS_SLEEPABLE(online, s32 cpu)                                              \
	{                                                                                           \
	}                                                                                           \
	void BPF_STRUCT_OPS_SLEEPABLE(offline, s32 cpu)                                             \
	{                                                                                           \
	}

/*
 * A context of each task: POLICY_TASK_CONTEXT(struct task_context) makes the map `task_contexts` and these:
 * new_task_context(p) for init_task, and task_context(p), NULL for a task that has none. An allocation that
 * fails must not fail a fork, so callbacks have to do without a context.
 */
#define POLICY_TASK_CONTEXT(record)                                                                 \
	struct {                                                                                    \
		__uint(type, BPF_MAP_TYPE_TASK_STORAGE);                                            \
		__uint(map_flags, BPF_F_NO_PREALLOC);                                               \
		__type(key, int);                                                                   \
		__type(value, record);                                                              \
	} task_contexts SEC(".maps");                                                               \
	static __always_inline record *new_task_context(struct task_struct *p)                      \
	{                                                                                           \
		return bpf_task_storage_get(&task_contexts, p, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);  \
	}                                                                                           \
	static __always_inline record *task_context(struct task_struct *p)                          \
	{                                                                                           \
		return bpf_task_storage_get(&task_contexts, p, 0, 0);                               \
	}

/* A context of each CPU: the map `cpu_contexts` and cpu_context(cpu), NULL for a CPU there cannot be. */
#define POLICY_CPU_CONTEXT(record)                                                                  \
	struct {                                                                                    \
		__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);                                            \
		__uint(max_entries, 1);                                                             \
		__type(key, u32);                                                                   \
		__type(value, record);                                                              \
	} cpu_contexts SEC(".maps");                                                                \
	static __always_inline record *cpu_context(s32 cpu)                                         \
	{                                                                                           \
		const u32 only = 0;                                                                 \
		return bpf_map_lookup_percpu_elem(&cpu_contexts, &only, cpu);                       \
	}

/*
 * How long a task has run this time, ns: POLICY_RUN_TIME makes run_begins(p) for ops.running and run_time(p) for
 * ops.stopping. What is left of a slice does not tell it: where nobody waits the kernel fills the slice up again,
 * and a task that yields has none left. The place is that of the task's CPU, for it may be stopped from another.
 */
#define POLICY_RUN_TIME                                                                             \
	struct {                                                                                    \
		__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);                                            \
		__uint(max_entries, 1);                                                             \
		__type(key, u32);                                                                   \
		__type(value, u64);                                                                 \
	} run_starts SEC(".maps");                                                                  \
	static __always_inline u64 *run_start_of(const struct task_struct *p)                       \
	{                                                                                           \
		const u32 only = 0;                                                                 \
		return bpf_map_lookup_percpu_elem(&run_starts, &only, scx_bpf_task_cpu(p));         \
	}                                                                                           \
	static __always_inline void run_begins(const struct task_struct *p)                         \
	{                                                                                           \
		u64 *start = run_start_of(p);                                                       \
		if (start)                                                                          \
			*start = p->se.sum_exec_runtime;                                            \
	}                                                                                           \
	static __always_inline u64 run_time(const struct task_struct *p)                            \
	{                                                                                           \
		const u64 *start = run_start_of(p);                                                 \
		return start ? p->se.sum_exec_runtime - *start : 0;                                 \
	}

/*
 * Nice 10 to -10 are honoured as they are (a share of 1 to 87), what lies outside counts as the nearer end:
 * between nice 19 and nice -20 a fair turn comes once in minutes, and a watchdog ends a policy that lets a task
 * wait for a few seconds.
 */
#define WEIGHT_NICE_0 100
#define WEIGHT_MIN 10
#define WEIGHT_MAX 940

static __always_inline u64 bounded_weight(u64 weight)
{
	return weight < WEIGHT_MIN ? WEIGHT_MIN : weight > WEIGHT_MAX ? WEIGHT_MAX : weight;
}

/* Time as the weight has it: what a task of nice 0 may run, and what running costs in virtual time. */
static __always_inline u64 times_weight(u64 ns, u64 weight)
{
	return ns * bounded_weight(weight) / WEIGHT_NICE_0;
}

static __always_inline u64 per_weight(u64 ns, u64 weight)
{
	return ns * WEIGHT_NICE_0 / bounded_weight(weight);
}

/* Virtual times may wrap, so only their difference means anything. */
static __always_inline bool vtime_before(u64 a, u64 b)
{
	return (s64)(a - b) < 0;
}

/* A task that slept kept its old virtual time: it may bring along a credit of `most`, no more, or it would hold
 * the CPU until it has caught up. */
static __always_inline u64 vtime_clamp(u64 vtime, u64 now, u64 most)
{
	return vtime_before(vtime, now - most) ? now - most : vtime;
}

/*
 * For a task that was put on a queue of the policy's own: wakes a CPU that has gone idle since select_cpu looked,
 * or was never asked (a task with a single CPU, one that came back from its slice). An idle CPU does not look at
 * queues by itself. Interrupts one idle CPU at most; says whether there was one.
 */
static __always_inline bool kick_idle_cpu(const struct task_struct *p)
{
	const s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	if (cpu < 0)
		return false;
	scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
	return true;
}

/* A policy that has functions of these names keeps its own (policy_names.bpf.h); ours were given other names meanwhile. */
#ifdef POLICY_OWN_times_weight
#undef times_weight
#endif
#ifdef POLICY_OWN_per_weight
#undef per_weight
#endif
#ifdef POLICY_OWN_vtime_before
#undef vtime_before
#endif
#ifdef POLICY_OWN_vtime_clamp
#undef vtime_clamp
#endif
#ifdef POLICY_OWN_kick_idle_cpu
#undef kick_idle_cpu
#endif
