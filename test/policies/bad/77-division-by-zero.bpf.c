/*
 * stage: lint
 * rule: lint/zero-divisor
 * says: division by 0
 *
 * A scale that is 0.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

#define SCALE 0

#define QUEUE 0

POLICY_RUN_TIME

static u64 clock;

void BPF_STRUCT_OPS(division_by_zero_running, struct task_struct *p)
{
	run_begins(p);
	if (vtime_before(clock, p->scx.dsq_vtime))
		clock = p->scx.dsq_vtime;
}

void BPF_STRUCT_OPS(division_by_zero_enable, struct task_struct *p)
{
	scx_bpf_task_set_dsq_vtime(p, clock);
}

s32 BPF_STRUCT_OPS(division_by_zero_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	const s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(division_by_zero_enqueue, struct task_struct *p, u64 enq_flags)
{
	const u64 vtime = vtime_clamp(p->scx.dsq_vtime, clock, SCX_SLICE_DFL);

	scx_bpf_dsq_insert_vtime(p, QUEUE, SCX_SLICE_DFL, vtime, enq_flags);
	kick_idle_cpu(p);
}

void BPF_STRUCT_OPS(division_by_zero_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(QUEUE);
}

void BPF_STRUCT_OPS(division_by_zero_stopping, struct task_struct *p, bool runnable)
{
	p->scx.dsq_vtime += run_time(p) * 100 / SCALE;
}

s32 BPF_STRUCT_OPS_SLEEPABLE(division_by_zero_init)
{
	return scx_bpf_create_dsq(QUEUE, -1);
}

POLICY_EXIT(division_by_zero_exit)

POLICY_HOTPLUG_IGNORED(division_by_zero_cpu_online, division_by_zero_cpu_offline)

SCX_OPS_DEFINE(division_by_zero_ops,
	       .select_cpu = (void *)division_by_zero_select_cpu,
	       .enqueue = (void *)division_by_zero_enqueue,
	       .dispatch = (void *)division_by_zero_dispatch,
	       .running = (void *)division_by_zero_running,
	       .stopping = (void *)division_by_zero_stopping,
	       .enable = (void *)division_by_zero_enable,
	       .init = (void *)division_by_zero_init,
	       .cpu_online = (void *)division_by_zero_cpu_online,
	       .cpu_offline = (void *)division_by_zero_cpu_offline,
	       .exit = (void *)division_by_zero_exit,
	       .name = "division_by_zero");
