/*
 * stage: attach
 * rule: attach/errors-rising
 * says: 
 *
 * Tasks are sent to the local queue of a CPU that goes away from them: the kernel counts each time it has to help.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

s32 BPF_STRUCT_OPS(counts_errors_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	return (u32)(prev_cpu + 1) % 64;
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
