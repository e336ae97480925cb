/*
 * stage: lint
 * rule: lint/removed-kfunc
 * says: scx_bpf_consume is the name of Linux 6.12
 *
 * Half of it was written for Linux 6.12.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

#define QUEUE 0

s32 BPF_STRUCT_OPS(old_consume_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	const s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(old_consume_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, QUEUE, SCX_SLICE_DFL, enq_flags);
	kick_idle_cpu(p);
}

void BPF_STRUCT_OPS(old_consume_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_consume(QUEUE);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(old_consume_init)
{
	return scx_bpf_create_dsq(QUEUE, -1);
}

POLICY_EXIT(old_consume_exit)

POLICY_HOTPLUG_IGNORED(old_consume_cpu_online, old_consume_cpu_offline)

SCX_OPS_DEFINE(old_consume_ops,
	       .select_cpu = (void *)old_consume_select_cpu,
	       .enqueue = (void *)old_consume_enqueue,
	       .dispatch = (void *)old_consume_dispatch,
	       .init = (void *)old_consume_init,
	       .cpu_online = (void *)old_consume_cpu_online,
	       .cpu_offline = (void *)old_consume_cpu_offline,
	       .exit = (void *)old_consume_exit,
	       .name = "old_consume");
