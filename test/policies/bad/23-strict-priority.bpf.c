/*
 * stage: trial
 * rule: trial/fairness
 * says: next to nothing
 *
 * Anchor 14. While tasks of higher weight want to run, others never do.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

#define HIGH 1
#define LOW 2

void BPF_STRUCT_OPS(strict_priority_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, p->scx.weight >= 100 ? HIGH : LOW, SCX_SLICE_DFL, enq_flags);
	kick_idle_cpu(p);
}

void BPF_STRUCT_OPS(strict_priority_dispatch, s32 cpu, struct task_struct *prev)
{
	if (scx_bpf_dsq_move_to_local(HIGH))
		return;
	scx_bpf_dsq_move_to_local(LOW);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(strict_priority_init)
{
	return scx_bpf_create_dsq(HIGH, -1) ?: scx_bpf_create_dsq(LOW, -1);
}

POLICY_EXIT(strict_priority_exit)

POLICY_HOTPLUG_IGNORED(strict_priority_cpu_online, strict_priority_cpu_offline)

SCX_OPS_DEFINE(strict_priority_ops,
	       .enqueue = (void *)strict_priority_enqueue,
	       .dispatch = (void *)strict_priority_dispatch,
	       .init = (void *)strict_priority_init,
	       .cpu_online = (void *)strict_priority_cpu_online,
	       .cpu_offline = (void *)strict_priority_cpu_offline,
	       .exit = (void *)strict_priority_exit,
	       .name = "strict_priority");
