/*
 * stage: attach
 * rule: attach/ejected
 * says: already
 *
 * Anchor 6, hidden from lint: the second insert is in a helper.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

static void place(struct task_struct *p, u64 queue)
{
	scx_bpf_dsq_insert(p, queue, SCX_SLICE_DFL, 0);
}

s32 BPF_STRUCT_OPS(two_inserts_through_helper_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	place(p, SCX_DSQ_LOCAL);
	place(p, SCX_DSQ_GLOBAL);
	return prev_cpu;
}

void BPF_STRUCT_OPS(two_inserts_through_helper_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
	kick_idle_cpu(p);
}

POLICY_EXIT(two_inserts_through_helper_exit)

POLICY_HOTPLUG_IGNORED(two_inserts_through_helper_cpu_online, two_inserts_through_helper_cpu_offline)

SCX_OPS_DEFINE(two_inserts_through_helper_ops,
	       .select_cpu = (void *)two_inserts_through_helper_select_cpu,
	       .enqueue = (void *)two_inserts_through_helper_enqueue,
	       .cpu_online = (void *)two_inserts_through_helper_cpu_online,
	       .cpu_offline = (void *)two_inserts_through_helper_cpu_offline,
	       .exit = (void *)two_inserts_through_helper_exit,
	       .name = "two_inserts_through_helper");
