/*
 * stage: trial
 * rule: trial/fairness
 * says: weight_ratio
 *
 * Anchor 15, hidden from lint: the factor is computed in a helper.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

#define QUEUE 0

static u64 factor(const struct task_struct *p)
{
	return p->scx.weight;
}

POLICY_RUN_TIME

static u64 clock;

void BPF_STRUCT_OPS(weight_inverted_hidden_running, struct task_struct *p)
{
	run_begins(p);
	if (vtime_before(clock, p->scx.dsq_vtime))
		clock = p->scx.dsq_vtime;
}

void BPF_STRUCT_OPS(weight_inverted_hidden_enable, struct task_struct *p)
{
	scx_bpf_task_set_dsq_vtime(p, clock);
}

void BPF_STRUCT_OPS(weight_inverted_hidden_enqueue, struct task_struct *p, u64 enq_flags)
{
	const u64 vtime = vtime_clamp(p->scx.dsq_vtime, clock, SCX_SLICE_DFL);

	scx_bpf_dsq_insert_vtime(p, QUEUE, SCX_SLICE_DFL, vtime, enq_flags);
	kick_idle_cpu(p);
}

void BPF_STRUCT_OPS(weight_inverted_hidden_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(QUEUE);
}

void BPF_STRUCT_OPS(weight_inverted_hidden_stopping, struct task_struct *p, bool runnable)
{
	scx_bpf_task_set_dsq_vtime(p, p->scx.dsq_vtime + run_time(p) * factor(p) / 100);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(weight_inverted_hidden_init)
{
	return scx_bpf_create_dsq(QUEUE, -1);
}

POLICY_EXIT(weight_inverted_hidden_exit)

POLICY_HOTPLUG_IGNORED(weight_inverted_hidden_cpu_online, weight_inverted_hidden_cpu_offline)

SCX_OPS_DEFINE(weight_inverted_hidden_ops,
	       .enqueue = (void *)weight_inverted_hidden_enqueue,
	       .dispatch = (void *)weight_inverted_hidden_dispatch,
	       .running = (void *)weight_inverted_hidden_running,
	       .stopping = (void *)weight_inverted_hidden_stopping,
	       .enable = (void *)weight_inverted_hidden_enable,
	       .init = (void *)weight_inverted_hidden_init,
	       .cpu_online = (void *)weight_inverted_hidden_cpu_online,
	       .cpu_offline = (void *)weight_inverted_hidden_cpu_offline,
	       .exit = (void *)weight_inverted_hidden_exit,
	       .name = "weight_inverted_hidden");
