/*
 * stage: load
 * rule: load/sleepable
 * says: unsupported member enqueue
 *
 * Anchor 23, hidden from lint: the section is spelled by a macro.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

#define CALLBACK(name, args...) SEC("struct_ops.s/" #name) BPF_PROG(name, ##args)

s32 BPF_STRUCT_OPS(sleepable_by_section_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	const s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void CALLBACK(sleepable_by_section_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}

POLICY_EXIT(sleepable_by_section_exit)

POLICY_HOTPLUG_IGNORED(sleepable_by_section_cpu_online, sleepable_by_section_cpu_offline)

SCX_OPS_DEFINE(sleepable_by_section_ops,
	       .select_cpu = (void *)sleepable_by_section_select_cpu,
	       .enqueue = (void *)sleepable_by_section_enqueue,
	       .cpu_online = (void *)sleepable_by_section_cpu_online,
	       .cpu_offline = (void *)sleepable_by_section_cpu_offline,
	       .exit = (void *)sleepable_by_section_exit,
	       .name = "sleepable_by_section");
