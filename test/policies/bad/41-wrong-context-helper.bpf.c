/*
 * stage: lint
 * rule: lint/wrong-context
 * says: through refill
 *
 * Anchor 22, one call further: the helper consumes, and ops.enqueue calls it.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

#define QUEUE 0

static void refill(void)
{
	scx_bpf_dsq_move_to_local(QUEUE);
}

s32 BPF_STRUCT_OPS(wrong_context_helper_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	const s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(wrong_context_helper_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, QUEUE, SCX_SLICE_DFL, enq_flags);
	refill();
}

void BPF_STRUCT_OPS(wrong_context_helper_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(QUEUE);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(wrong_context_helper_init)
{
	return scx_bpf_create_dsq(QUEUE, -1);
}

POLICY_EXIT(wrong_context_helper_exit)

POLICY_HOTPLUG_IGNORED(wrong_context_helper_cpu_online, wrong_context_helper_cpu_offline)

SCX_OPS_DEFINE(wrong_context_helper_ops,
	       .select_cpu = (void *)wrong_context_helper_select_cpu,
	       .enqueue = (void *)wrong_context_helper_enqueue,
	       .dispatch = (void *)wrong_context_helper_dispatch,
	       .init = (void *)wrong_context_helper_init,
	       .cpu_online = (void *)wrong_context_helper_cpu_online,
	       .cpu_offline = (void *)wrong_context_helper_cpu_offline,
	       .exit = (void *)wrong_context_helper_exit,
	       .name = "wrong_context_helper");
