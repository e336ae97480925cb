/*
 * stage: trial
 * rule: trial/latency
 * says: longest_wait_ns
 *
 * Anchor 16. A task that slept keeps all the credit it has gathered and runs alone until it is used up.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

#define QUEUE 0

POLICY_RUN_TIME

static u64 clock;

void BPF_STRUCT_OPS(vtime_unclamped_running, struct task_struct *p)
{
	run_begins(p);
	if (vtime_before(clock, p->scx.dsq_vtime))
		clock = p->scx.dsq_vtime;
}

void BPF_STRUCT_OPS(vtime_unclamped_enable, struct task_struct *p)
{
	scx_bpf_task_set_dsq_vtime(p, clock);
}

void BPF_STRUCT_OPS(vtime_unclamped_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert_vtime(p, QUEUE, SCX_SLICE_DFL, p->scx.dsq_vtime, enq_flags);
	kick_idle_cpu(p);
}

void BPF_STRUCT_OPS(vtime_unclamped_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(QUEUE);
}

void BPF_STRUCT_OPS(vtime_unclamped_stopping, struct task_struct *p, bool runnable)
{
	const u64 cost = per_weight(run_time(p), p->scx.weight);

	scx_bpf_task_set_dsq_vtime(p, p->scx.dsq_vtime + cost);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(vtime_unclamped_init)
{
	return scx_bpf_create_dsq(QUEUE, -1);
}

POLICY_EXIT(vtime_unclamped_exit)

POLICY_HOTPLUG_IGNORED(vtime_unclamped_cpu_online, vtime_unclamped_cpu_offline)

SCX_OPS_DEFINE(vtime_unclamped_ops,
	       .enqueue = (void *)vtime_unclamped_enqueue,
	       .dispatch = (void *)vtime_unclamped_dispatch,
	       .running = (void *)vtime_unclamped_running,
	       .stopping = (void *)vtime_unclamped_stopping,
	       .enable = (void *)vtime_unclamped_enable,
	       .init = (void *)vtime_unclamped_init,
	       .cpu_online = (void *)vtime_unclamped_cpu_online,
	       .cpu_offline = (void *)vtime_unclamped_cpu_offline,
	       .exit = (void *)vtime_unclamped_exit,
	       .name = "vtime_unclamped");
