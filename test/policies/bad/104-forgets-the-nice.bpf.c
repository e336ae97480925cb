/*
 * stage: trial
 * rule: trial/stall
 * says: runnable task stall
 *
 * Tasks of a higher nice value wait until a thousand of them have come. A load without such tasks shows nothing.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

#define QUEUE 0
#define LEISURE 1
#define ENOUGH 1000

static u64 nr_waiting;

s32 BPF_STRUCT_OPS(forgets_the_nice_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	const s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(forgets_the_nice_enqueue, struct task_struct *p, u64 enq_flags)
{
	if (p->scx.weight < 100) {
		__sync_fetch_and_add(&nr_waiting, 1);
		scx_bpf_dsq_insert(p, LEISURE, SCX_SLICE_DFL, enq_flags);
		return;
	}
	scx_bpf_dsq_insert(p, QUEUE, SCX_SLICE_DFL, enq_flags);
	kick_idle_cpu(p);
}

void BPF_STRUCT_OPS(forgets_the_nice_dispatch, s32 cpu, struct task_struct *prev)
{
	if (!scx_bpf_dsq_move_to_local(QUEUE) && nr_waiting > ENOUGH)
		scx_bpf_dsq_move_to_local(LEISURE);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(forgets_the_nice_init)
{
	s32 err = scx_bpf_create_dsq(QUEUE, -1);

	return err ?: scx_bpf_create_dsq(LEISURE, -1);
}

POLICY_EXIT(forgets_the_nice_exit)

POLICY_HOTPLUG_IGNORED(forgets_the_nice_cpu_online, forgets_the_nice_cpu_offline)

SCX_OPS_DEFINE(forgets_the_nice_ops,
	       .select_cpu = (void *)forgets_the_nice_select_cpu,
	       .enqueue = (void *)forgets_the_nice_enqueue,
	       .dispatch = (void *)forgets_the_nice_dispatch,
	       .init = (void *)forgets_the_nice_init,
	       .cpu_online = (void *)forgets_the_nice_cpu_online,
	       .cpu_offline = (void *)forgets_the_nice_cpu_offline,
	       .exit = (void *)forgets_the_nice_exit,
	       .name = "forgets_the_nice");
