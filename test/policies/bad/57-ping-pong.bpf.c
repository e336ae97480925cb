/*
 * stage: trial
 * rule: trial/migration-rate
 * says: thrown from CPU to CPU
 *
 * Each task wakes up on another CPU than the one before.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

s32 BPF_STRUCT_OPS(ping_pong_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	const s32 cpu = (u32)(prev_cpu + 1) % scx_bpf_nr_cpu_ids();

	if (!bpf_cpumask_test_cpu(cpu, p->cpus_ptr))
		return prev_cpu;
	scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(ping_pong_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
	kick_idle_cpu(p);
}

POLICY_EXIT(ping_pong_exit)

POLICY_HOTPLUG_IGNORED(ping_pong_cpu_online, ping_pong_cpu_offline)

SCX_OPS_DEFINE(ping_pong_ops,
	       .select_cpu = (void *)ping_pong_select_cpu,
	       .enqueue = (void *)ping_pong_enqueue,
	       .cpu_online = (void *)ping_pong_cpu_online,
	       .cpu_offline = (void *)ping_pong_cpu_offline,
	       .exit = (void *)ping_pong_exit,
	       .name = "ping_pong");
