/*
 * stage: attach
 * rule: attach/ejected
 * says: runnable task stall
 *
 * Who came last is next, so who came first may wait for ever.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

#define QUEUE 0

void BPF_STRUCT_OPS(last_in_first_out_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, QUEUE, SCX_SLICE_DFL, enq_flags | SCX_ENQ_HEAD);
	kick_idle_cpu(p);
}

void BPF_STRUCT_OPS(last_in_first_out_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(QUEUE);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(last_in_first_out_init)
{
	return scx_bpf_create_dsq(QUEUE, -1);
}

POLICY_EXIT(last_in_first_out_exit)

POLICY_HOTPLUG_IGNORED(last_in_first_out_cpu_online, last_in_first_out_cpu_offline)

SCX_OPS_DEFINE(last_in_first_out_ops,
	       .enqueue = (void *)last_in_first_out_enqueue,
	       .dispatch = (void *)last_in_first_out_dispatch,
	       .init = (void *)last_in_first_out_init,
	       .cpu_online = (void *)last_in_first_out_cpu_online,
	       .cpu_offline = (void *)last_in_first_out_cpu_offline,
	       .exit = (void *)last_in_first_out_exit,
	       .name = "last_in_first_out");
