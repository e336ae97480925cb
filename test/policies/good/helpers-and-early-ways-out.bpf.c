/*
 * Inserts in helpers and on many ways, one for each run; kernel threads with one CPU go first.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

#define QUEUE 0

static bool to_local(struct task_struct *p, u64 enq_flags)
{
	if (p->nr_cpus_allowed != 1 || !(p->flags & 0x00200000))
		return false;
	scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, enq_flags | SCX_ENQ_HEAD);
	return true;
}

s32 BPF_STRUCT_OPS(helpers_and_early_ways_out_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	const s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(helpers_and_early_ways_out_enqueue, struct task_struct *p, u64 enq_flags)
{
	if (to_local(p, enq_flags))
		return;
	switch (p->scx.weight / 100) {
	case 0:
		scx_bpf_dsq_insert(p, QUEUE, SCX_SLICE_DFL / 2, enq_flags);
		break;
	case 1:
		scx_bpf_dsq_insert(p, QUEUE, SCX_SLICE_DFL, enq_flags);
		break;
	default:
		scx_bpf_dsq_insert(p, QUEUE, SCX_SLICE_DFL * 2, enq_flags);
	}
	kick_idle_cpu(p);
}

void BPF_STRUCT_OPS(helpers_and_early_ways_out_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(QUEUE);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(helpers_and_early_ways_out_init)
{
	return scx_bpf_create_dsq(QUEUE, -1);
}

POLICY_EXIT(helpers_and_early_ways_out_exit)

POLICY_HOTPLUG_IGNORED(helpers_and_early_ways_out_cpu_online, helpers_and_early_ways_out_cpu_offline)

SCX_OPS_DEFINE(helpers_and_early_ways_out_ops,
	       .select_cpu = (void *)helpers_and_early_ways_out_select_cpu,
	       .enqueue = (void *)helpers_and_early_ways_out_enqueue,
	       .dispatch = (void *)helpers_and_early_ways_out_dispatch,
	       .init = (void *)helpers_and_early_ways_out_init,
	       .cpu_online = (void *)helpers_and_early_ways_out_cpu_online,
	       .cpu_offline = (void *)helpers_and_early_ways_out_cpu_offline,
	       .exit = (void *)helpers_and_early_ways_out_exit,
	       .name = "helpers_and_early_ways_out");
