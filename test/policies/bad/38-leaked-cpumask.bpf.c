/*
 * stage: lint
 * rule: lint/leaked-reference
 * says: never given back
 *
 * Anchor 21. A cpumask is taken and kept.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

s32 BPF_STRUCT_OPS(leaked_cpumask_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	const struct cpumask *idle = scx_bpf_get_idle_cpumask();

	return bpf_cpumask_test_cpu(prev_cpu, idle) ? prev_cpu : (s32)bpf_cpumask_first(p->cpus_ptr);
}

void BPF_STRUCT_OPS(leaked_cpumask_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
	kick_idle_cpu(p);
}

POLICY_EXIT(leaked_cpumask_exit)

POLICY_HOTPLUG_IGNORED(leaked_cpumask_cpu_online, leaked_cpumask_cpu_offline)

SCX_OPS_DEFINE(leaked_cpumask_ops,
	       .select_cpu = (void *)leaked_cpumask_select_cpu,
	       .enqueue = (void *)leaked_cpumask_enqueue,
	       .cpu_online = (void *)leaked_cpumask_cpu_online,
	       .cpu_offline = (void *)leaked_cpumask_cpu_offline,
	       .exit = (void *)leaked_cpumask_exit,
	       .name = "leaked_cpumask");
