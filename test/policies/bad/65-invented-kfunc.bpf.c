/*
 * stage: lint
 * rule: lint/unknown-kfunc
 * says: scx_bpf_enqueue_task
 *
 * There is no such function.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

s32 BPF_STRUCT_OPS(invented_kfunc_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	const s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(invented_kfunc_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_enqueue_task(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL);
}

POLICY_EXIT(invented_kfunc_exit)

POLICY_HOTPLUG_IGNORED(invented_kfunc_cpu_online, invented_kfunc_cpu_offline)

SCX_OPS_DEFINE(invented_kfunc_ops,
	       .select_cpu = (void *)invented_kfunc_select_cpu,
	       .enqueue = (void *)invented_kfunc_enqueue,
	       .cpu_online = (void *)invented_kfunc_cpu_online,
	       .cpu_offline = (void *)invented_kfunc_cpu_offline,
	       .exit = (void *)invented_kfunc_exit,
	       .name = "invented_kfunc");
