/*
 * stage: load
 * rule: load/helper
 * says: helper
 *
 * Hidden from lint: the helper is called by its number.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

static long (*const helper)(u32 ifindex, u64 flags) = (void *)23;

s32 BPF_STRUCT_OPS(foreign_helper_hidden_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	const s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(foreign_helper_hidden_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
	kick_idle_cpu(p);
}

void BPF_STRUCT_OPS(foreign_helper_hidden_tick, struct task_struct *p)
{
	helper(1, 0);
}

POLICY_EXIT(foreign_helper_hidden_exit)

POLICY_HOTPLUG_IGNORED(foreign_helper_hidden_cpu_online, foreign_helper_hidden_cpu_offline)

SCX_OPS_DEFINE(foreign_helper_hidden_ops,
	       .select_cpu = (void *)foreign_helper_hidden_select_cpu,
	       .enqueue = (void *)foreign_helper_hidden_enqueue,
	       .tick = (void *)foreign_helper_hidden_tick,
	       .cpu_online = (void *)foreign_helper_hidden_cpu_online,
	       .cpu_offline = (void *)foreign_helper_hidden_cpu_offline,
	       .exit = (void *)foreign_helper_hidden_exit,
	       .name = "foreign_helper_hidden");
