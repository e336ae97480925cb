/*
 * A queue for each CPU, numbered by it, and stealing from the others in turn.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

#define MOST_CPUS 64

const volatile u32 nr_cpus = 4;

s32 BPF_STRUCT_OPS(queue_per_cpu_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	const s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(queue_per_cpu_enqueue, struct task_struct *p, u64 enq_flags)
{
	const u32 cpu = scx_bpf_task_cpu(p);

	scx_bpf_dsq_insert(p, cpu % MOST_CPUS, SCX_SLICE_DFL, enq_flags);
	kick_idle_cpu(p);
}

void BPF_STRUCT_OPS(queue_per_cpu_dispatch, s32 cpu, struct task_struct *prev)
{
	u32 i;

	bpf_for(i, 0, MOST_CPUS) {
		if (scx_bpf_dsq_move_to_local(((u32)cpu + i) % MOST_CPUS))
			return;
	}
}

s32 BPF_STRUCT_OPS_SLEEPABLE(queue_per_cpu_init)
{
	s32 err, i;

	bpf_for(i, 0, MOST_CPUS) {
		err = scx_bpf_create_dsq(i, -1);
		if (err)
			return err;
	}
	return 0;
}

POLICY_EXIT(queue_per_cpu_exit)

POLICY_HOTPLUG_IGNORED(queue_per_cpu_cpu_online, queue_per_cpu_cpu_offline)

SCX_OPS_DEFINE(queue_per_cpu_ops,
	       .select_cpu = (void *)queue_per_cpu_select_cpu,
	       .enqueue = (void *)queue_per_cpu_enqueue,
	       .dispatch = (void *)queue_per_cpu_dispatch,
	       .init = (void *)queue_per_cpu_init,
	       .cpu_online = (void *)queue_per_cpu_cpu_online,
	       .cpu_offline = (void *)queue_per_cpu_cpu_offline,
	       .exit = (void *)queue_per_cpu_exit,
	       .name = "queue_per_cpu");
