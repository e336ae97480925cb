/*
 * stage: compile
 * rule: compile/error
 * says: expected ';'
 *
 * A semicolon is missing.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

s32 BPF_STRUCT_OPS(syntax_error_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	const s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(syntax_error_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags)
}

POLICY_EXIT(syntax_error_exit)

POLICY_HOTPLUG_IGNORED(syntax_error_cpu_online, syntax_error_cpu_offline)

SCX_OPS_DEFINE(syntax_error_ops,
	       .select_cpu = (void *)syntax_error_select_cpu,
	       .enqueue = (void *)syntax_error_enqueue,
	       .cpu_online = (void *)syntax_error_cpu_online,
	       .cpu_offline = (void *)syntax_error_cpu_offline,
	       .exit = (void *)syntax_error_exit,
	       .name = "syntax_error");
