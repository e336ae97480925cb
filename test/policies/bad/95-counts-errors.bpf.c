/*
 * stage: trial
 * rule: trial/error-events
 * says: SELECT_CPU_FALLBACK
 *
 * select_cpu gives each task a CPU of its own without a look at its mask: the kernel counts each time it has to choose
 * itself.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

s32 BPF_STRUCT_OPS(counts_errors_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	const u32 cpus = scx_bpf_nr_cpu_ids();

	return cpus - 1 - (u32)p->pid % cpus;
}

void BPF_STRUCT_OPS(counts_errors_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
	kick_idle_cpu(p);
}

POLICY_EXIT(counts_errors_exit)

POLICY_HOTPLUG_IGNORED(counts_errors_cpu_online, counts_errors_cpu_offline)

SCX_OPS_DEFINE(counts_errors_ops,
	       .select_cpu = (void *)counts_errors_select_cpu,
	       .enqueue = (void *)counts_errors_enqueue,
	       .cpu_online = (void *)counts_errors_cpu_online,
	       .cpu_offline = (void *)counts_errors_cpu_offline,
	       .exit = (void *)counts_errors_exit,
	       .name = "counts_errors");
