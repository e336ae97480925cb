/*
 * stage: trial
 * rule: trial/overhead
 * says: throughput
 *
 * Anchor 33. Every turn begins with a look at the queues of all the CPUs there could ever be.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

#define QUEUE 0
#define MAX_CPUS 4096

static u32 busiest;

static void look_at_all(void)
{
	s32 i;

	busiest = 0;
	bpf_for(i, 0, MAX_CPUS) {
		const s32 queued = scx_bpf_dsq_nr_queued(SCX_DSQ_LOCAL_ON | (i % scx_bpf_nr_cpu_ids()));

		if (queued > (s32)busiest)
			busiest = queued;
	}
}

void BPF_STRUCT_OPS(scans_every_cpu_enqueue, struct task_struct *p, u64 enq_flags)
{
	look_at_all();
	scx_bpf_dsq_insert(p, QUEUE, SCX_SLICE_DFL, enq_flags);
	kick_idle_cpu(p);
}

void BPF_STRUCT_OPS(scans_every_cpu_dispatch, s32 cpu, struct task_struct *prev)
{
	look_at_all();
	scx_bpf_dsq_move_to_local(QUEUE);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(scans_every_cpu_init)
{
	return scx_bpf_create_dsq(QUEUE, -1);
}

POLICY_EXIT(scans_every_cpu_exit)

POLICY_HOTPLUG_IGNORED(scans_every_cpu_cpu_online, scans_every_cpu_cpu_offline)

SCX_OPS_DEFINE(scans_every_cpu_ops,
	       .enqueue = (void *)scans_every_cpu_enqueue,
	       .dispatch = (void *)scans_every_cpu_dispatch,
	       .init = (void *)scans_every_cpu_init,
	       .cpu_online = (void *)scans_every_cpu_cpu_online,
	       .cpu_offline = (void *)scans_every_cpu_cpu_offline,
	       .exit = (void *)scans_every_cpu_exit,
	       .name = "scans_every_cpu");
