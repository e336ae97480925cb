/*
 * stage: lint
 * rule: lint/unbounded-loop
 * says: never ends
 *
 * Anchor 21. A loop without an end.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

#define QUEUE 0

s32 BPF_STRUCT_OPS(endless_loop_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	const s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(endless_loop_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, QUEUE, SCX_SLICE_DFL, enq_flags);
	kick_idle_cpu(p);
}

void BPF_STRUCT_OPS(endless_loop_dispatch, s32 cpu, struct task_struct *prev)
{
	for (;;)
		scx_bpf_dsq_move_to_local(QUEUE);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(endless_loop_init)
{
	return scx_bpf_create_dsq(QUEUE, -1);
}

POLICY_EXIT(endless_loop_exit)

POLICY_HOTPLUG_IGNORED(endless_loop_cpu_online, endless_loop_cpu_offline)

SCX_OPS_DEFINE(endless_loop_ops,
	       .select_cpu = (void *)endless_loop_select_cpu,
	       .enqueue = (void *)endless_loop_enqueue,
	       .dispatch = (void *)endless_loop_dispatch,
	       .init = (void *)endless_loop_init,
	       .cpu_online = (void *)endless_loop_cpu_online,
	       .cpu_offline = (void *)endless_loop_cpu_offline,
	       .exit = (void *)endless_loop_exit,
	       .name = "endless_loop");
