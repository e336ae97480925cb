/*
 * stage: attach
 * rule: attach/ejected
 * says: runnable task stall
 *
 * Anchor 17. Tasks with one CPU wait on a queue that only another CPU takes from; select_cpu is not called for
 * them.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

#define HIGH 1
#define LOW 2

s32 BPF_STRUCT_OPS(pinned_only_in_select_cpu_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	const s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(pinned_only_in_select_cpu_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, p->nr_cpus_allowed == 1 ? LOW : HIGH, SCX_SLICE_DFL, enq_flags);
	kick_idle_cpu(p);
}

void BPF_STRUCT_OPS(pinned_only_in_select_cpu_dispatch, s32 cpu, struct task_struct *prev)
{
	if (scx_bpf_dsq_move_to_local(HIGH))
		return;
	if (cpu == bpf_get_smp_processor_id() + 1)
		scx_bpf_dsq_move_to_local(LOW);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(pinned_only_in_select_cpu_init)
{
	return scx_bpf_create_dsq(HIGH, -1) ?: scx_bpf_create_dsq(LOW, -1);
}

POLICY_EXIT(pinned_only_in_select_cpu_exit)

POLICY_HOTPLUG_IGNORED(pinned_only_in_select_cpu_cpu_online, pinned_only_in_select_cpu_cpu_offline)

SCX_OPS_DEFINE(pinned_only_in_select_cpu_ops,
	       .select_cpu = (void *)pinned_only_in_select_cpu_select_cpu,
	       .enqueue = (void *)pinned_only_in_select_cpu_enqueue,
	       .dispatch = (void *)pinned_only_in_select_cpu_dispatch,
	       .init = (void *)pinned_only_in_select_cpu_init,
	       .cpu_online = (void *)pinned_only_in_select_cpu_cpu_online,
	       .cpu_offline = (void *)pinned_only_in_select_cpu_cpu_offline,
	       .exit = (void *)pinned_only_in_select_cpu_exit,
	       .name = "pinned_only_in_select_cpu");
