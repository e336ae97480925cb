/*
 * stage: attach
 * rule: attach/ejected
 * says: runnable task stall
 *
 * Anchor 11, hidden from lint: the slice is computed, and is an hour.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

static u64 minutes = 60;

void BPF_STRUCT_OPS(slice_infinite_hidden_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, minutes * 60 * 1000000000ULL, enq_flags);
	kick_idle_cpu(p);
}

POLICY_EXIT(slice_infinite_hidden_exit)

POLICY_HOTPLUG_IGNORED(slice_infinite_hidden_cpu_online, slice_infinite_hidden_cpu_offline)

SCX_OPS_DEFINE(slice_infinite_hidden_ops,
	       .enqueue = (void *)slice_infinite_hidden_enqueue,
	       .cpu_online = (void *)slice_infinite_hidden_cpu_online,
	       .cpu_offline = (void *)slice_infinite_hidden_cpu_offline,
	       .exit = (void *)slice_infinite_hidden_exit,
	       .name = "slice_infinite_hidden");
