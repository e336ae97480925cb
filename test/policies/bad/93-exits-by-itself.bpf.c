/*
 * stage: attach
 * rule: attach/ejected
 * says: enough
 *
 * The policy ends itself with the thousandth task.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

static u64 nr;

s32 BPF_STRUCT_OPS(exits_by_itself_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	const s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(exits_by_itself_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
	if (__sync_fetch_and_add(&nr, 1) > 10)
		scx_bpf_error("enough");
}

POLICY_EXIT(exits_by_itself_exit)

POLICY_HOTPLUG_IGNORED(exits_by_itself_cpu_online, exits_by_itself_cpu_offline)

SCX_OPS_DEFINE(exits_by_itself_ops,
	       .select_cpu = (void *)exits_by_itself_select_cpu,
	       .enqueue = (void *)exits_by_itself_enqueue,
	       .cpu_online = (void *)exits_by_itself_cpu_online,
	       .cpu_offline = (void *)exits_by_itself_cpu_offline,
	       .exit = (void *)exits_by_itself_exit,
	       .name = "exits_by_itself");
