/*
 * stage: trial
 * rule: trial/fairness
 * says: weight_ratio
 *
 * The weight is kept by the policy itself and is 0 until it changes: who was never reniced is charged nothing.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

struct task_context {
	u64 weight;
};
POLICY_TASK_CONTEXT(struct task_context)

#define QUEUE 0

POLICY_RUN_TIME

static u64 clock;

void BPF_STRUCT_OPS(division_by_unset_weight_running, struct task_struct *p)
{
	run_begins(p);
	if (vtime_before(clock, p->scx.dsq_vtime))
		clock = p->scx.dsq_vtime;
}

void BPF_STRUCT_OPS(division_by_unset_weight_enable, struct task_struct *p)
{
	scx_bpf_task_set_dsq_vtime(p, clock);
}

void BPF_STRUCT_OPS(division_by_unset_weight_enqueue, struct task_struct *p, u64 enq_flags)
{
	const u64 vtime = vtime_clamp(p->scx.dsq_vtime, clock, SCX_SLICE_DFL);

	scx_bpf_dsq_insert_vtime(p, QUEUE, SCX_SLICE_DFL, vtime, enq_flags);
	kick_idle_cpu(p);
}

void BPF_STRUCT_OPS(division_by_unset_weight_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(QUEUE);
}

void BPF_STRUCT_OPS(division_by_unset_weight_stopping, struct task_struct *p, bool runnable)
{
	struct task_context *context = task_context(p);

	if (context)
		scx_bpf_task_set_dsq_vtime(p, p->scx.dsq_vtime + run_time(p) * 100 / context->weight);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(division_by_unset_weight_init_task, struct task_struct *p, struct scx_init_task_args *args)
{
	new_task_context(p);
	return 0;
}

void BPF_STRUCT_OPS(division_by_unset_weight_set_weight, struct task_struct *p, u32 weight)
{
	struct task_context *context = task_context(p);

	if (context && weight != 100)
		context->weight = weight;
}

s32 BPF_STRUCT_OPS_SLEEPABLE(division_by_unset_weight_init)
{
	return scx_bpf_create_dsq(QUEUE, -1);
}

POLICY_EXIT(division_by_unset_weight_exit)

POLICY_HOTPLUG_IGNORED(division_by_unset_weight_cpu_online, division_by_unset_weight_cpu_offline)

SCX_OPS_DEFINE(division_by_unset_weight_ops,
	       .enqueue = (void *)division_by_unset_weight_enqueue,
	       .dispatch = (void *)division_by_unset_weight_dispatch,
	       .running = (void *)division_by_unset_weight_running,
	       .stopping = (void *)division_by_unset_weight_stopping,
	       .set_weight = (void *)division_by_unset_weight_set_weight,
	       .init_task = (void *)division_by_unset_weight_init_task,
	       .enable = (void *)division_by_unset_weight_enable,
	       .init = (void *)division_by_unset_weight_init,
	       .cpu_online = (void *)division_by_unset_weight_cpu_online,
	       .cpu_offline = (void *)division_by_unset_weight_cpu_offline,
	       .exit = (void *)division_by_unset_weight_exit,
	       .name = "division_by_unset_weight");
