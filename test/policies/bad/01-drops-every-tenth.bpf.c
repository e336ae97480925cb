/*
 * stage: lint
 * rule: lint/enqueue-drops-task
 * says: put the task on no queue
 *
 * Anchor 1. Every tenth task is forgotten.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

static u64 nr;

s32 BPF_STRUCT_OPS(drops_every_tenth_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	const s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(drops_every_tenth_enqueue, struct task_struct *p, u64 enq_flags)
{
	if (__sync_fetch_and_add(&nr, 1) % 10 == 9)
		return;
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}

POLICY_EXIT(drops_every_tenth_exit)

POLICY_HOTPLUG_IGNORED(drops_every_tenth_cpu_online, drops_every_tenth_cpu_offline)

SCX_OPS_DEFINE(drops_every_tenth_ops,
	       .select_cpu = (void *)drops_every_tenth_select_cpu,
	       .enqueue = (void *)drops_every_tenth_enqueue,
	       .cpu_online = (void *)drops_every_tenth_cpu_online,
	       .cpu_offline = (void *)drops_every_tenth_cpu_offline,
	       .exit = (void *)drops_every_tenth_exit,
	       .name = "drops_every_tenth");
