/*
 * stage: lint
 * rule: lint/slice-range
 * says: shorter than 10
 *
 * Anchor 12. The slice was taken for microseconds.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

#define SLICE_US 5000

s32 BPF_STRUCT_OPS(slice_one_microsecond_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	const s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(slice_one_microsecond_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SLICE_US, enq_flags);
	kick_idle_cpu(p);
}

POLICY_EXIT(slice_one_microsecond_exit)

POLICY_HOTPLUG_IGNORED(slice_one_microsecond_cpu_online, slice_one_microsecond_cpu_offline)

SCX_OPS_DEFINE(slice_one_microsecond_ops,
	       .select_cpu = (void *)slice_one_microsecond_select_cpu,
	       .enqueue = (void *)slice_one_microsecond_enqueue,
	       .cpu_online = (void *)slice_one_microsecond_cpu_online,
	       .cpu_offline = (void *)slice_one_microsecond_cpu_offline,
	       .exit = (void *)slice_one_microsecond_exit,
	       .name = "slice_one_microsecond");
