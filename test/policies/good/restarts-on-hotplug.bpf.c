/*
 * Asks to be started again when a CPU comes or goes, with a word of its own: what it knows of the CPUs is out of date.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

/* Of the restarts it asks for; beside the kernel’s own codes. */
#define CPUS_CHANGED 0x11

void BPF_STRUCT_OPS(restarts_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(restarts_cpu_online, s32 cpu)
{
	scx_bpf_exit(SCX_ECODE_ACT_RESTART | CPUS_CHANGED, "cpu %d is there", cpu);
}

void BPF_STRUCT_OPS(restarts_cpu_offline, s32 cpu)
{
	scx_bpf_exit(SCX_ECODE_ACT_RESTART | CPUS_CHANGED, "cpu %d is gone", cpu);
}

POLICY_EXIT(restarts_exit)

SCX_OPS_DEFINE(restarts_ops, .enqueue = (void *)restarts_enqueue,
	       .cpu_online = (void *)restarts_cpu_online, .cpu_offline = (void *)restarts_cpu_offline,
	       .exit = (void *)restarts_exit, .name = "restarts");
