/*
 * stage: load
 * rule: load/unbounded-loop
 * says: infinite loop detected
 *
 * Anchor 21. A busy wait: the verifier cannot see that time passes.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

s32 BPF_STRUCT_OPS(unbounded_loop_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	const s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(unbounded_loop_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
	kick_idle_cpu(p);
}

void BPF_STRUCT_OPS(unbounded_loop_tick, struct task_struct *p)
{
	const u64 end = scx_bpf_now() + 1000;

	while (scx_bpf_now() < end)
		;
}

POLICY_EXIT(unbounded_loop_exit)

POLICY_HOTPLUG_IGNORED(unbounded_loop_cpu_online, unbounded_loop_cpu_offline)

SCX_OPS_DEFINE(unbounded_loop_ops,
	       .select_cpu = (void *)unbounded_loop_select_cpu,
	       .enqueue = (void *)unbounded_loop_enqueue,
	       .tick = (void *)unbounded_loop_tick,
	       .cpu_online = (void *)unbounded_loop_cpu_online,
	       .cpu_offline = (void *)unbounded_loop_cpu_offline,
	       .exit = (void *)unbounded_loop_exit,
	       .name = "unbounded_loop");
