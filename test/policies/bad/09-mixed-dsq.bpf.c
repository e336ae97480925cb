/*
 * stage: lint
 * rule: lint/mixed-dsq
 * says: in order of arrival
 *
 * Anchor 5. Wake-ups queue by virtual time, all others in order of arrival, on one queue.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

#define QUEUE 0

POLICY_RUN_TIME

static u64 clock;

void BPF_STRUCT_OPS(mixed_dsq_running, struct task_struct *p)
{
	run_begins(p);
	if (vtime_before(clock, p->scx.dsq_vtime))
		clock = p->scx.dsq_vtime;
}

void BPF_STRUCT_OPS(mixed_dsq_enable, struct task_struct *p)
{
	scx_bpf_task_set_dsq_vtime(p, clock);
}

s32 BPF_STRUCT_OPS(mixed_dsq_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	const s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(mixed_dsq_enqueue, struct task_struct *p, u64 enq_flags)
{
	if (enq_flags & SCX_ENQ_WAKEUP)
		scx_bpf_dsq_insert_vtime(p, QUEUE, SCX_SLICE_DFL, vtime_clamp(p->scx.dsq_vtime, clock, SCX_SLICE_DFL),
					 enq_flags);
	else
		scx_bpf_dsq_insert(p, QUEUE, SCX_SLICE_DFL, enq_flags);
	kick_idle_cpu(p);
}

void BPF_STRUCT_OPS(mixed_dsq_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(QUEUE);
}

void BPF_STRUCT_OPS(mixed_dsq_stopping, struct task_struct *p, bool runnable)
{
	const u64 cost = per_weight(run_time(p), p->scx.weight);

	scx_bpf_task_set_dsq_vtime(p, p->scx.dsq_vtime + cost);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(mixed_dsq_init)
{
	return scx_bpf_create_dsq(QUEUE, -1);
}

POLICY_EXIT(mixed_dsq_exit)

POLICY_HOTPLUG_IGNORED(mixed_dsq_cpu_online, mixed_dsq_cpu_offline)

SCX_OPS_DEFINE(mixed_dsq_ops,
	       .select_cpu = (void *)mixed_dsq_select_cpu,
	       .enqueue = (void *)mixed_dsq_enqueue,
	       .dispatch = (void *)mixed_dsq_dispatch,
	       .running = (void *)mixed_dsq_running,
	       .stopping = (void *)mixed_dsq_stopping,
	       .enable = (void *)mixed_dsq_enable,
	       .init = (void *)mixed_dsq_init,
	       .cpu_online = (void *)mixed_dsq_cpu_online,
	       .cpu_offline = (void *)mixed_dsq_cpu_offline,
	       .exit = (void *)mixed_dsq_exit,
	       .name = "mixed_dsq");
