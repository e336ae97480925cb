/*
 * stage: lint
 * rule: lint/local-on-unchecked
 * says: nothing shows that the task may run on CPU
 *
 * Anchor 7. Kernel threads go to CPU 1 whatever their affinity.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

void BPF_STRUCT_OPS(local_on_fixed_cpu_enqueue, struct task_struct *p, u64 enq_flags)
{
	if (p->flags & 0x00200000)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL_ON | 1, SCX_SLICE_DFL, enq_flags);
	else
		scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}

POLICY_EXIT(local_on_fixed_cpu_exit)

POLICY_HOTPLUG_IGNORED(local_on_fixed_cpu_cpu_online, local_on_fixed_cpu_cpu_offline)

SCX_OPS_DEFINE(local_on_fixed_cpu_ops,
	       .enqueue = (void *)local_on_fixed_cpu_enqueue,
	       .cpu_online = (void *)local_on_fixed_cpu_cpu_online,
	       .cpu_offline = (void *)local_on_fixed_cpu_cpu_offline,
	       .exit = (void *)local_on_fixed_cpu_exit,
	       .name = "local_on_fixed_cpu");
