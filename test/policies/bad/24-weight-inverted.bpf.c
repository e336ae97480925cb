/*
 * stage: lint
 * rule: lint/inverted-weight
 * says: heavier tasks get less
 *
 * Anchor 15. The charge is multiplied by the weight.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

#define QUEUE 0

POLICY_RUN_TIME

static u64 clock;

void BPF_STRUCT_OPS(weight_inverted_running, struct task_struct *p)
{
	run_begins(p);
	if (vtime_before(clock, p->scx.dsq_vtime))
		clock = p->scx.dsq_vtime;
}

void BPF_STRUCT_OPS(weight_inverted_enable, struct task_struct *p)
{
	scx_bpf_task_set_dsq_vtime(p, clock);
}

s32 BPF_STRUCT_OPS(weight_inverted_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	const s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(weight_inverted_enqueue, struct task_struct *p, u64 enq_flags)
{
	const u64 vtime = vtime_clamp(p->scx.dsq_vtime, clock, SCX_SLICE_DFL);

	scx_bpf_dsq_insert_vtime(p, QUEUE, SCX_SLICE_DFL, vtime, enq_flags);
	kick_idle_cpu(p);
}

void BPF_STRUCT_OPS(weight_inverted_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(QUEUE);
}

void BPF_STRUCT_OPS(weight_inverted_stopping, struct task_struct *p, bool runnable)
{
	p->scx.dsq_vtime += run_time(p) * p->scx.weight / 100;
}

s32 BPF_STRUCT_OPS_SLEEPABLE(weight_inverted_init)
{
	return scx_bpf_create_dsq(QUEUE, -1);
}

POLICY_EXIT(weight_inverted_exit)

POLICY_HOTPLUG_IGNORED(weight_inverted_cpu_online, weight_inverted_cpu_offline)

SCX_OPS_DEFINE(weight_inverted_ops,
	       .select_cpu = (void *)weight_inverted_select_cpu,
	       .enqueue = (void *)weight_inverted_enqueue,
	       .dispatch = (void *)weight_inverted_dispatch,
	       .running = (void *)weight_inverted_running,
	       .stopping = (void *)weight_inverted_stopping,
	       .enable = (void *)weight_inverted_enable,
	       .init = (void *)weight_inverted_init,
	       .cpu_online = (void *)weight_inverted_cpu_online,
	       .cpu_offline = (void *)weight_inverted_cpu_offline,
	       .exit = (void *)weight_inverted_exit,
	       .name = "weight_inverted");
