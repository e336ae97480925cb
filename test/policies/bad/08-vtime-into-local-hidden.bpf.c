/*
 * stage: attach
 * rule: attach/ejected
 * says: built-in DSQ
 *
 * Anchor 4, hidden from lint: the queue is chosen by a variable.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

u64 queue;

void BPF_STRUCT_OPS(vtime_into_local_hidden_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert_vtime(p, queue, SCX_SLICE_DFL, vtime_clamp(p->scx.dsq_vtime, 0, 1), enq_flags);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(vtime_into_local_hidden_init)
{
	queue = SCX_DSQ_GLOBAL;
	return 0;
}

POLICY_EXIT(vtime_into_local_hidden_exit)

POLICY_HOTPLUG_IGNORED(vtime_into_local_hidden_cpu_online, vtime_into_local_hidden_cpu_offline)

SCX_OPS_DEFINE(vtime_into_local_hidden_ops,
	       .enqueue = (void *)vtime_into_local_hidden_enqueue,
	       .init = (void *)vtime_into_local_hidden_init,
	       .cpu_online = (void *)vtime_into_local_hidden_cpu_online,
	       .cpu_offline = (void *)vtime_into_local_hidden_cpu_offline,
	       .exit = (void *)vtime_into_local_hidden_exit,
	       .name = "vtime_into_local_hidden");
