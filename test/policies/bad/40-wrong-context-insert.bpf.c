/*
 * stage: lint
 * rule: lint/wrong-context
 * says: cannot be called from ops.running
 *
 * Anchor 22. An insert where no task is being placed.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

s32 BPF_STRUCT_OPS(wrong_context_insert_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	const s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(wrong_context_insert_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
	kick_idle_cpu(p);
}

void BPF_STRUCT_OPS(wrong_context_insert_running, struct task_struct *p)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, 0);
}

POLICY_EXIT(wrong_context_insert_exit)

POLICY_HOTPLUG_IGNORED(wrong_context_insert_cpu_online, wrong_context_insert_cpu_offline)

SCX_OPS_DEFINE(wrong_context_insert_ops,
	       .select_cpu = (void *)wrong_context_insert_select_cpu,
	       .enqueue = (void *)wrong_context_insert_enqueue,
	       .running = (void *)wrong_context_insert_running,
	       .cpu_online = (void *)wrong_context_insert_cpu_online,
	       .cpu_offline = (void *)wrong_context_insert_cpu_offline,
	       .exit = (void *)wrong_context_insert_exit,
	       .name = "wrong_context_insert");
