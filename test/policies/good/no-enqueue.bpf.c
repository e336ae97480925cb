/*
 * Without ops.enqueue the kernel uses its global queue, so there need not be one.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

s32 BPF_STRUCT_OPS(no_enqueue_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	const s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

POLICY_EXIT(no_enqueue_exit)

POLICY_HOTPLUG_IGNORED(no_enqueue_cpu_online, no_enqueue_cpu_offline)

SCX_OPS_DEFINE(no_enqueue_ops,
	       .select_cpu = (void *)no_enqueue_select_cpu,
	       .cpu_online = (void *)no_enqueue_cpu_online,
	       .cpu_offline = (void *)no_enqueue_cpu_offline,
	       .exit = (void *)no_enqueue_exit,
	       .name = "no_enqueue");
