/*
 * stage: lint
 * rule: lint/kernel-function
 * says: smp_processor_id
 *
 * A function of the kernel’s inside.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

s32 BPF_STRUCT_OPS(kernel_function_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	return cpumask_test_cpu(prev_cpu, p->cpus_ptr) ? prev_cpu : smp_processor_id();
}

void BPF_STRUCT_OPS(kernel_function_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
	kick_idle_cpu(p);
}

POLICY_EXIT(kernel_function_exit)

POLICY_HOTPLUG_IGNORED(kernel_function_cpu_online, kernel_function_cpu_offline)

SCX_OPS_DEFINE(kernel_function_ops,
	       .select_cpu = (void *)kernel_function_select_cpu,
	       .enqueue = (void *)kernel_function_enqueue,
	       .cpu_online = (void *)kernel_function_cpu_online,
	       .cpu_offline = (void *)kernel_function_cpu_offline,
	       .exit = (void *)kernel_function_exit,
	       .name = "kernel_function");
