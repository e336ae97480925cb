/*
 * stage: trial
 * rule: trial/migration-rate
 * says: 
 *
 * Anchor 13. Every turn has no length, so that the kernel fills in its own each time.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

void BPF_STRUCT_OPS(slice_zero_hidden_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, 0, enq_flags);
	kick_idle_cpu(p);
}

void BPF_STRUCT_OPS(slice_zero_hidden_stopping, struct task_struct *p, bool runnable)
{
	scx_bpf_task_set_slice(p, 0);
}

POLICY_EXIT(slice_zero_hidden_exit)

POLICY_HOTPLUG_IGNORED(slice_zero_hidden_cpu_online, slice_zero_hidden_cpu_offline)

SCX_OPS_DEFINE(slice_zero_hidden_ops,
	       .enqueue = (void *)slice_zero_hidden_enqueue,
	       .stopping = (void *)slice_zero_hidden_stopping,
	       .cpu_online = (void *)slice_zero_hidden_cpu_online,
	       .cpu_offline = (void *)slice_zero_hidden_cpu_offline,
	       .exit = (void *)slice_zero_hidden_exit,
	       .name = "slice_zero_hidden");
