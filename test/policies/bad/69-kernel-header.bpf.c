/*
 * stage: compile
 * rule: compile/missing-include
 * says: not from kernel headers
 *
 * Kernel headers are no part of BPF programs.
 */
#include "policy.bpf.h"
#include <linux/sched.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

s32 BPF_STRUCT_OPS(kernel_header_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	const s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(kernel_header_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
	kick_idle_cpu(p);
}

POLICY_EXIT(kernel_header_exit)

POLICY_HOTPLUG_IGNORED(kernel_header_cpu_online, kernel_header_cpu_offline)

SCX_OPS_DEFINE(kernel_header_ops,
	       .select_cpu = (void *)kernel_header_select_cpu,
	       .enqueue = (void *)kernel_header_enqueue,
	       .cpu_online = (void *)kernel_header_cpu_online,
	       .cpu_offline = (void *)kernel_header_cpu_offline,
	       .exit = (void *)kernel_header_exit,
	       .name = "kernel_header");
