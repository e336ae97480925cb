/*
 * stage: lint
 * rule: lint/single-cpu
 * says: every task is sent to CPU 0
 *
 * Anchor 18. One CPU does all the work.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

void BPF_STRUCT_OPS(everything_on_cpu_0_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL_ON | 0, SCX_SLICE_DFL, enq_flags);
}

POLICY_EXIT(everything_on_cpu_0_exit)

POLICY_HOTPLUG_IGNORED(everything_on_cpu_0_cpu_online, everything_on_cpu_0_cpu_offline)

SCX_OPS_DEFINE(everything_on_cpu_0_ops,
	       .enqueue = (void *)everything_on_cpu_0_enqueue,
	       .cpu_online = (void *)everything_on_cpu_0_cpu_online,
	       .cpu_offline = (void *)everything_on_cpu_0_cpu_offline,
	       .exit = (void *)everything_on_cpu_0_exit,
	       .name = "everything_on_cpu_0");
