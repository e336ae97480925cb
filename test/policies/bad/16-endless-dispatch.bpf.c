/*
 * stage: trial
 * rule: trial/idle-while-queued
 * says: idle_while_queued_share
 *
 * Anchor 10. Each dispatch sends what is queued to another CPU and never to the one that asks, which asks again.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

#define QUEUE 0

void BPF_STRUCT_OPS(endless_dispatch_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, QUEUE, SCX_SLICE_DFL, enq_flags);
	kick_idle_cpu(p);
}

void BPF_STRUCT_OPS(endless_dispatch_dispatch, s32 cpu, struct task_struct *prev)
{
	struct task_struct *p;

	bpf_for_each(scx_dsq, p, QUEUE, 0) {
		const s32 other = ((u32)cpu + 1) % scx_bpf_nr_cpu_ids();

		if (bpf_cpumask_test_cpu(other, p->cpus_ptr))
			scx_bpf_dsq_move(BPF_FOR_EACH_ITER, p, SCX_DSQ_LOCAL_ON | other, 0);
	}
	scx_bpf_dsq_move_to_local(QUEUE);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(endless_dispatch_init)
{
	return scx_bpf_create_dsq(QUEUE, -1);
}

POLICY_EXIT(endless_dispatch_exit)

POLICY_HOTPLUG_IGNORED(endless_dispatch_cpu_online, endless_dispatch_cpu_offline)

SCX_OPS_DEFINE(endless_dispatch_ops,
	       .enqueue = (void *)endless_dispatch_enqueue,
	       .dispatch = (void *)endless_dispatch_dispatch,
	       .init = (void *)endless_dispatch_init,
	       .cpu_online = (void *)endless_dispatch_cpu_online,
	       .cpu_offline = (void *)endless_dispatch_cpu_offline,
	       .exit = (void *)endless_dispatch_exit,
	       .name = "endless_dispatch");
