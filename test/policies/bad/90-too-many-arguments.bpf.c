/*
 * stage: lint
 * rule: lint/op-arguments
 * says: one more
 *
 * ops.running is given the task alone.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

s32 BPF_STRUCT_OPS(too_many_arguments_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	const s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(too_many_arguments_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
	kick_idle_cpu(p);
}

void BPF_STRUCT_OPS(too_many_arguments_running, struct task_struct *p, u64 now)
{
	p->scx.dsq_vtime = now;
}

POLICY_EXIT(too_many_arguments_exit)

POLICY_HOTPLUG_IGNORED(too_many_arguments_cpu_online, too_many_arguments_cpu_offline)

SCX_OPS_DEFINE(too_many_arguments_ops,
	       .select_cpu = (void *)too_many_arguments_select_cpu,
	       .enqueue = (void *)too_many_arguments_enqueue,
	       .running = (void *)too_many_arguments_running,
	       .cpu_online = (void *)too_many_arguments_cpu_online,
	       .cpu_offline = (void *)too_many_arguments_cpu_offline,
	       .exit = (void *)too_many_arguments_exit,
	       .name = "too_many_arguments");
