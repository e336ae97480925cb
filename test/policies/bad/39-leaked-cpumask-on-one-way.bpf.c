/*
 * stage: load
 * rule: load/reference
 * says: reference
 *
 * Anchor 21, hidden from lint: given back on one way out of two.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

s32 BPF_STRUCT_OPS(leaked_cpumask_on_one_way_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	const struct cpumask *idle = scx_bpf_get_idle_cpumask();

	if (bpf_cpumask_test_cpu(prev_cpu, idle))
		return prev_cpu;
	scx_bpf_put_idle_cpumask(idle);
	return prev_cpu;
}

void BPF_STRUCT_OPS(leaked_cpumask_on_one_way_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
	kick_idle_cpu(p);
}

POLICY_EXIT(leaked_cpumask_on_one_way_exit)

POLICY_HOTPLUG_IGNORED(leaked_cpumask_on_one_way_cpu_online, leaked_cpumask_on_one_way_cpu_offline)

SCX_OPS_DEFINE(leaked_cpumask_on_one_way_ops,
	       .select_cpu = (void *)leaked_cpumask_on_one_way_select_cpu,
	       .enqueue = (void *)leaked_cpumask_on_one_way_enqueue,
	       .cpu_online = (void *)leaked_cpumask_on_one_way_cpu_online,
	       .cpu_offline = (void *)leaked_cpumask_on_one_way_cpu_offline,
	       .exit = (void *)leaked_cpumask_on_one_way_exit,
	       .name = "leaked_cpumask_on_one_way");
