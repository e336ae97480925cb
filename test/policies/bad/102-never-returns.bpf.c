/*
 * stage: attach
 * rule: attach/guest-lost
 * says: the lab guest hung
 *
 * The first enqueue counts for longer than anybody will wait, with the run queue locked: the guest is lost.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

u64 turns;

static long turn(u64 index, void *context)
{
	turns++;
	return 0;
}

static long many(u64 index, void *context)
{
	bpf_loop(1 << 23, turn, NULL, 0);
	return 0;
}

void BPF_STRUCT_OPS(never_returns_enqueue, struct task_struct *p, u64 enq_flags)
{
	bpf_loop(1 << 23, many, NULL, 0);
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}

POLICY_EXIT(never_returns_exit)

POLICY_HOTPLUG_IGNORED(never_returns_cpu_online, never_returns_cpu_offline)

SCX_OPS_DEFINE(never_returns_ops,
	       .enqueue = (void *)never_returns_enqueue,
	       .cpu_online = (void *)never_returns_cpu_online,
	       .cpu_offline = (void *)never_returns_cpu_offline,
	       .exit = (void *)never_returns_exit,
	       .name = "never_returns");
