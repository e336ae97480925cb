/*
 * stage: attach
 * rule: attach/ejected
 * says: runnable task stall
 *
 * Anchor 20, hidden from lint: the insert itself carries the wish to preempt.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

void BPF_STRUCT_OPS(preempt_by_flag_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, enq_flags | SCX_ENQ_PREEMPT);
}

POLICY_EXIT(preempt_by_flag_exit)

POLICY_HOTPLUG_IGNORED(preempt_by_flag_cpu_online, preempt_by_flag_cpu_offline)

SCX_OPS_DEFINE(preempt_by_flag_ops,
	       .enqueue = (void *)preempt_by_flag_enqueue,
	       .cpu_online = (void *)preempt_by_flag_cpu_online,
	       .cpu_offline = (void *)preempt_by_flag_cpu_offline,
	       .exit = (void *)preempt_by_flag_exit,
	       .name = "preempt_by_flag");
