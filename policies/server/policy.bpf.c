// SPDX-License-Identifier: (MIT OR GPL-2.0-only)
/*
 * Short turns that get shorter as the queue grows, so that every request waits for about the same, bounded time.
 *
 * Shows a slice as a promise: with n tasks waiting for each CPU, a turn of target_ns / n brings everyone to a CPU
 * within target_ns, as long as turns do not fall below slice_min_ns. Order is weighted virtual time.
 *
 * Works for servers with many workers, where the slowest requests count more than the sum of them. Does not for
 * batch work: under load it switches tasks all the time.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

/* Within this time every waiting task should have had a turn, ns. Short: short waits, more switches. */
const volatile u64 target_ns = 6000000;

/* Longest and shortest turn, ns. Below some 200 us switching itself begins to cost. */
const volatile u64 slice_max_ns = 3000000;
const volatile u64 slice_min_ns = 500000;

#define QUEUE 0

static u64 clock;
static u32 cpus; /* online */

POLICY_RUN_TIME

static u64 next_turn(void)
{
	const s32 queued = scx_bpf_dsq_nr_queued(QUEUE);
	const u64 waiting = queued > 0 ? queued : 0;
	const u64 online = cpus ?: 1;
	u64 slice = target_ns * online / (waiting + online);

	if (slice > slice_max_ns)
		slice = slice_max_ns;
	if (slice < slice_min_ns)
		slice = slice_min_ns;
	return slice;
}

s32 BPF_STRUCT_OPS(server_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	const s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, next_turn(), 0);
	return cpu;
}

void BPF_STRUCT_OPS(server_enqueue, struct task_struct *p, u64 enq_flags)
{
	const u64 vtime = vtime_clamp(p->scx.dsq_vtime, clock, slice_max_ns);

	scx_bpf_dsq_insert_vtime(p, QUEUE, next_turn(), vtime, enq_flags);
	kick_idle_cpu(p);
}

void BPF_STRUCT_OPS(server_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(QUEUE);
}

void BPF_STRUCT_OPS(server_running, struct task_struct *p)
{
	run_begins(p);
	if (vtime_before(clock, p->scx.dsq_vtime))
		clock = p->scx.dsq_vtime;
}

void BPF_STRUCT_OPS(server_stopping, struct task_struct *p, bool runnable)
{
	const u64 cost = per_weight(run_time(p), p->scx.weight);

	scx_bpf_task_set_dsq_vtime(p, p->scx.dsq_vtime + cost);
}

/* A turn behind the others, so that a storm of short children moves the clock. */
void BPF_STRUCT_OPS(server_enable, struct task_struct *p)
{
	scx_bpf_task_set_dsq_vtime(p, clock + per_weight(slice_max_ns, p->scx.weight));
}

static void count_cpus(void)
{
	const struct cpumask *online = scx_bpf_get_online_cpumask();

	cpus = bpf_cpumask_weight(online);
	scx_bpf_put_cpumask(online);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(server_init)
{
	count_cpus();
	return scx_bpf_create_dsq(QUEUE, -1);
}

void BPF_STRUCT_OPS_SLEEPABLE(server_cpu_online, s32 cpu)
{
	count_cpus();
}

void BPF_STRUCT_OPS_SLEEPABLE(server_cpu_offline, s32 cpu)
{
	count_cpus();
}

POLICY_EXIT(server_exit)

SCX_OPS_DEFINE(server_ops,
	       .select_cpu = (void *)server_select_cpu,
	       .enqueue = (void *)server_enqueue,
	       .dispatch = (void *)server_dispatch,
	       .running = (void *)server_running,
	       .stopping = (void *)server_stopping,
	       .enable = (void *)server_enable,
	       .cpu_online = (void *)server_cpu_online,
	       .cpu_offline = (void *)server_cpu_offline,
	       .init = (void *)server_init,
	       .exit = (void *)server_exit,
	       .name = "server");
