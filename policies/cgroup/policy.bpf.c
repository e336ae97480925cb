// SPDX-License-Identifier: (MIT OR GPL-2.0-only)
/*
 * Cgroups share the CPUs by their cpu.weight, however many tasks each of them has.
 *
 * Shows fairness between groups instead of tasks. Each cgroup at one level of the tree has a virtual time, and queued
 * tasks go by that of their group. A group pays for a turn when a task of its is queued, not when it has run: a
 * hundred tasks of one group then stand one behind the other in time, and not all at its front. What a task did not
 * use is given back. Within a group tasks take turns, longer ones the heavier they are.
 *
 * Works for containers, slices of systemd, users. Does not look further down: groups inside a group share as if
 * their tasks were its own. Needs cgroup v2 with the cpu controller on.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

/* Turn of a task of nice 0, ns. Short: waits are short. Long: fewer switches. */
const volatile u64 slice_ns = 3000000;

/* Depth of the cgroups that share: 1 are those right below the root. */
const volatile u32 level = 1;

#define QUEUE 0
#define SLICE_MIN_NS 500000
#define SLICE_MAX_NS 20000000

static u64 clock;

struct group {
	u64 vtime;
	u32 weight;
};

struct {
	__uint(type, BPF_MAP_TYPE_CGRP_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct group);
} groups SEC(".maps");

struct task_bill {
	u64 paid; /* by its group in advance, virtual ns */
};
POLICY_TASK_CONTEXT(struct task_bill)
POLICY_RUN_TIME

static u64 turn_of(const struct task_struct *p)
{
	const u64 turn = times_weight(slice_ns, p->scx.weight);

	return turn < SLICE_MIN_NS ? SLICE_MIN_NS : turn > SLICE_MAX_NS ? SLICE_MAX_NS : turn;
}

/* The group a task belongs to: its cgroup, or that one's ancestor at the level that shares. */
static struct group *group_of(struct task_struct *p)
{
	struct cgroup *cgroup = scx_bpf_task_cgroup(p);
	struct cgroup *ancestor = bpf_cgroup_ancestor(cgroup, level);
	struct group *group = bpf_cgrp_storage_get(&groups, ancestor ?: cgroup, 0, 0);

	if (ancestor)
		bpf_cgroup_release(ancestor);
	bpf_cgroup_release(cgroup);
	return group;
}

s32 BPF_STRUCT_OPS(cgroup_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	const s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, turn_of(p), 0);
	return cpu;
}

/*
 * The place of a turn in its group's time, which moves on by what the turn costs. Groups are charged from many CPUs at
 * once, so every change is an atomic sum: a charge that got lost would be given back all the same, time would go
 * backwards, and whoever was queued before would wait for ever.
 */
static u64 charge(struct group *group, u64 cost)
{
	const u64 vtime = __sync_fetch_and_add(&group->vtime, cost);
	const u64 earliest = vtime_clamp(vtime, clock, slice_ns);

	if (earliest != vtime)
		__sync_fetch_and_add(&group->vtime, earliest - vtime);
	return earliest;
}

void BPF_STRUCT_OPS(cgroup_enqueue, struct task_struct *p, u64 enq_flags)
{
	struct task_bill *bill = task_context(p);
	struct group *group = group_of(p);
	const u64 slice = turn_of(p);
	u64 vtime = clock;

	if (group && bill) {
		/* One that was queued and taken off again, to change its affinity say, has its last turn still paid. */
		const u64 cost = per_weight(slice, group->weight);

		__sync_fetch_and_add(&group->vtime, -bill->paid);
		bill->paid = cost;
		vtime = charge(group, cost);
	}
	scx_bpf_dsq_insert_vtime(p, QUEUE, slice, vtime, enq_flags);
	kick_idle_cpu(p);
}

void BPF_STRUCT_OPS(cgroup_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(QUEUE);
}

void BPF_STRUCT_OPS(cgroup_running, struct task_struct *p)
{
	run_begins(p);
	if (vtime_before(clock, p->scx.dsq_vtime))
		clock = p->scx.dsq_vtime;
}

void BPF_STRUCT_OPS(cgroup_stopping, struct task_struct *p, bool runnable)
{
	struct task_bill *bill = task_context(p);
	struct group *group = group_of(p);

	if (!group || !bill)
		return;
	__sync_fetch_and_add(&group->vtime, per_weight(run_time(p), group->weight) - bill->paid);
	bill->paid = 0;
}

s32 BPF_STRUCT_OPS_SLEEPABLE(cgroup_init_task, struct task_struct *p, struct scx_init_task_args *args)
{
	/* One without a context is charged to nobody. A fork must not fail for want of a context. */
	new_task_context(p);
	return 0;
}

void BPF_STRUCT_OPS(cgroup_enable, struct task_struct *p)
{
	struct task_bill *bill = task_context(p);

	scx_bpf_task_set_dsq_vtime(p, clock);
	if (bill)
		bill->paid = 0;
}

s32 BPF_STRUCT_OPS_SLEEPABLE(cgroup_cgroup_init, struct cgroup *cgroup, struct scx_cgroup_init_args *args)
{
	struct group *group = bpf_cgrp_storage_get(&groups, cgroup, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);

	/* Tasks of one that got no memory stand level with the clock: a mkdir must not fail for that. */
	if (group) {
		group->vtime = clock;
		group->weight = args->weight;
	}
	return 0;
}

void BPF_STRUCT_OPS(cgroup_cgroup_set_weight, struct cgroup *cgroup, u32 weight)
{
	struct group *group = bpf_cgrp_storage_get(&groups, cgroup, 0, 0);

	if (group)
		group->weight = weight;
}

s32 BPF_STRUCT_OPS_SLEEPABLE(cgroup_init)
{
	return scx_bpf_create_dsq(QUEUE, -1);
}

POLICY_EXIT(cgroup_exit)

POLICY_HOTPLUG_IGNORED(cgroup_cpu_online, cgroup_cpu_offline)

SCX_OPS_DEFINE(cgroup_ops,
	       .select_cpu = (void *)cgroup_select_cpu,
	       .enqueue = (void *)cgroup_enqueue,
	       .dispatch = (void *)cgroup_dispatch,
	       .running = (void *)cgroup_running,
	       .stopping = (void *)cgroup_stopping,
	       .init_task = (void *)cgroup_init_task,
	       .enable = (void *)cgroup_enable,
	       .cgroup_init = (void *)cgroup_cgroup_init,
	       .cgroup_set_weight = (void *)cgroup_cgroup_set_weight,
	       .cpu_online = (void *)cgroup_cpu_online,
	       .cpu_offline = (void *)cgroup_cpu_offline,
	       .init = (void *)cgroup_init,
	       .exit = (void *)cgroup_exit,
	       .name = "cgroup");
