/*
 * stage: trial
 * rule: trial/ipi-rate
 * says: ipis_per_s
 *
 * Anchor 20, without preemption: each task that is queued makes every CPU look again at what it runs. None is switched,
 * so only the interrupts show.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

#define QUEUE 0

s32 BPF_STRUCT_OPS(kicks_every_cpu_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	return prev_cpu;
}

void BPF_STRUCT_OPS(kicks_every_cpu_enqueue, struct task_struct *p, u64 enq_flags)
{
	const u32 cpus = scx_bpf_nr_cpu_ids();
	u32 cpu;

	scx_bpf_dsq_insert(p, QUEUE, SCX_SLICE_DFL, enq_flags);
	bpf_for(cpu, 0, cpus)
		scx_bpf_kick_cpu(cpu, 0);
}

void BPF_STRUCT_OPS(kicks_every_cpu_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(QUEUE);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(kicks_every_cpu_init)
{
	return scx_bpf_create_dsq(QUEUE, -1);
}

POLICY_EXIT(kicks_every_cpu_exit)

POLICY_HOTPLUG_IGNORED(kicks_every_cpu_cpu_online, kicks_every_cpu_cpu_offline)

SCX_OPS_DEFINE(kicks_every_cpu_ops,
	       .select_cpu = (void *)kicks_every_cpu_select_cpu,
	       .enqueue = (void *)kicks_every_cpu_enqueue,
	       .dispatch = (void *)kicks_every_cpu_dispatch,
	       .init = (void *)kicks_every_cpu_init,
	       .cpu_online = (void *)kicks_every_cpu_cpu_online,
	       .cpu_offline = (void *)kicks_every_cpu_cpu_offline,
	       .exit = (void *)kicks_every_cpu_exit,
	       .name = "kicks_every_cpu");
