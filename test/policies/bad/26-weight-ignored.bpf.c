/*
 * stage: trial
 * rule: trial/fairness
 * says: weight_ratio
 *
 * Anchor 15. Virtual time grows alike for every task.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

#define QUEUE 0

POLICY_RUN_TIME

static u64 clock;

void BPF_STRUCT_OPS(weight_ignored_running, struct task_struct *p)
{
	run_begins(p);
	if (vtime_before(clock, p->scx.dsq_vtime))
		clock = p->scx.dsq_vtime;
}

void BPF_STRUCT_OPS(weight_ignored_enable, struct task_struct *p)
{
	scx_bpf_task_set_dsq_vtime(p, clock);
}

void BPF_STRUCT_OPS(weight_ignored_enqueue, struct task_struct *p, u64 enq_flags)
{
	const u64 vtime = vtime_clamp(p->scx.dsq_vtime, clock, SCX_SLICE_DFL);

	scx_bpf_dsq_insert_vtime(p, QUEUE, SCX_SLICE_DFL, vtime, enq_flags);
	kick_idle_cpu(p);
}

void BPF_STRUCT_OPS(weight_ignored_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(QUEUE);
}

void BPF_STRUCT_OPS(weight_ignored_stopping, struct task_struct *p, bool runnable)
{
	scx_bpf_task_set_dsq_vtime(p, p->scx.dsq_vtime + run_time(p));
}

s32 BPF_STRUCT_OPS_SLEEPABLE(weight_ignored_init)
{
	return scx_bpf_create_dsq(QUEUE, -1);
}

POLICY_EXIT(weight_ignored_exit)

POLICY_HOTPLUG_IGNORED(weight_ignored_cpu_online, weight_ignored_cpu_offline)

SCX_OPS_DEFINE(weight_ignored_ops,
	       .enqueue = (void *)weight_ignored_enqueue,
	       .dispatch = (void *)weight_ignored_dispatch,
	       .running = (void *)weight_ignored_running,
	       .stopping = (void *)weight_ignored_stopping,
	       .enable = (void *)weight_ignored_enable,
	       .init = (void *)weight_ignored_init,
	       .cpu_online = (void *)weight_ignored_cpu_online,
	       .cpu_offline = (void *)weight_ignored_cpu_offline,
	       .exit = (void *)weight_ignored_exit,
	       .name = "weight_ignored");
