/*
 * stage: trial
 * rule: trial/migration-rate
 * says: 
 *
 * Anchor 12, hidden from lint: the slice shrinks to a microsecond with the load.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

#define QUEUE 0

void BPF_STRUCT_OPS(slice_short_hidden_enqueue, struct task_struct *p, u64 enq_flags)
{
	const u64 load = 20000 / (scx_bpf_dsq_nr_queued(QUEUE) * 0 + 20);

	scx_bpf_dsq_insert(p, QUEUE, load, enq_flags);
	kick_idle_cpu(p);
}

void BPF_STRUCT_OPS(slice_short_hidden_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(QUEUE);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(slice_short_hidden_init)
{
	return scx_bpf_create_dsq(QUEUE, -1);
}

POLICY_EXIT(slice_short_hidden_exit)

POLICY_HOTPLUG_IGNORED(slice_short_hidden_cpu_online, slice_short_hidden_cpu_offline)

SCX_OPS_DEFINE(slice_short_hidden_ops,
	       .enqueue = (void *)slice_short_hidden_enqueue,
	       .dispatch = (void *)slice_short_hidden_dispatch,
	       .init = (void *)slice_short_hidden_init,
	       .cpu_online = (void *)slice_short_hidden_cpu_online,
	       .cpu_offline = (void *)slice_short_hidden_cpu_offline,
	       .exit = (void *)slice_short_hidden_exit,
	       .name = "slice_short_hidden");
