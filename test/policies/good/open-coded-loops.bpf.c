/*
 * Every kind of bounded loop: bpf_for, bpf_repeat, an iterator with its own break, for with a constant bound,
 * while (true) with a way out.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

#define QUEUE 0

static u64 seen;
s32 BPF_STRUCT_OPS(open_coded_loops_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	const s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(open_coded_loops_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, QUEUE, SCX_SLICE_DFL, enq_flags);
	kick_idle_cpu(p);
}

void BPF_STRUCT_OPS(open_coded_loops_dispatch, s32 cpu, struct task_struct *prev)
{
	struct task_struct *p;
	u32 tried = 0, left = 8, i;

	for (i = 0; i < 8; i++)
		seen += i;
	bpf_repeat(4) {
		seen++;
	}
	bpf_for_each(scx_dsq, p, QUEUE, 0) {
		if (p->scx.weight > 1000 && bpf_cpumask_test_cpu(cpu, p->cpus_ptr) &&
		    scx_bpf_dsq_move(BPF_FOR_EACH_ITER, p, SCX_DSQ_LOCAL, 0))
			return;
		if (++tried >= 4)
			break;
	}
	while (true) {
		if (scx_bpf_dsq_move_to_local(QUEUE) || !--left)
			break;
	}
}

s32 BPF_STRUCT_OPS_SLEEPABLE(open_coded_loops_init)
{
	return scx_bpf_create_dsq(QUEUE, -1);
}

POLICY_EXIT(open_coded_loops_exit)

POLICY_HOTPLUG_IGNORED(open_coded_loops_cpu_online, open_coded_loops_cpu_offline)

SCX_OPS_DEFINE(open_coded_loops_ops,
	       .select_cpu = (void *)open_coded_loops_select_cpu,
	       .enqueue = (void *)open_coded_loops_enqueue,
	       .dispatch = (void *)open_coded_loops_dispatch,
	       .init = (void *)open_coded_loops_init,
	       .cpu_online = (void *)open_coded_loops_cpu_online,
	       .cpu_offline = (void *)open_coded_loops_cpu_offline,
	       .exit = (void *)open_coded_loops_exit,
	       .name = "open_coded_loops");
