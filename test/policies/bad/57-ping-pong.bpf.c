/*
 * stage: attach
 * rule: attach/errors-rising
 * says: SELECT_CPU_FALLBACK
 *
 * Anchor 33. Each turn is on another CPU than the one before.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

#define QUEUE 0

void BPF_STRUCT_OPS(ping_pong_enqueue, struct task_struct *p, u64 enq_flags)
{
	s32 cpu = (u32)(scx_bpf_task_cpu(p) + 1) % scx_bpf_nr_cpu_ids();

	if (!bpf_cpumask_test_cpu(cpu, p->cpus_ptr) || p->nr_cpus_allowed == 1)
		cpu = scx_bpf_task_cpu(p);
	scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL_ON | cpu, SCX_SLICE_DFL / 20, enq_flags);
	scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

POLICY_EXIT(ping_pong_exit)

POLICY_HOTPLUG_IGNORED(ping_pong_cpu_online, ping_pong_cpu_offline)

SCX_OPS_DEFINE(ping_pong_ops,
	       .enqueue = (void *)ping_pong_enqueue,
	       .cpu_online = (void *)ping_pong_cpu_online,
	       .cpu_offline = (void *)ping_pong_cpu_offline,
	       .exit = (void *)ping_pong_exit,
	       .name = "ping_pong");
