/*
 * Turns that never end by themselves: a timer takes CPUs away from those that had theirs, which is what
 * SCX_SLICE_INF is for.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

#define QUEUE 0

struct central_timer {
	struct bpf_timer timer;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct central_timer);
} central SEC(".maps");

s32 BPF_STRUCT_OPS(central_timer_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	const s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(central_timer_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, QUEUE, SCX_SLICE_INF, enq_flags);
	kick_idle_cpu(p);
}

void BPF_STRUCT_OPS(central_timer_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(QUEUE);
}

static int tick(void *map, int *key, struct bpf_timer *timer)
{
	u32 cpu;

	bpf_for(cpu, 0, scx_bpf_nr_cpu_ids()) {
		if (scx_bpf_dsq_nr_queued(QUEUE))
			scx_bpf_kick_cpu(cpu, SCX_KICK_PREEMPT);
	}
	bpf_timer_start(timer, 5000000, 0);
	return 0;
}

s32 BPF_STRUCT_OPS_SLEEPABLE(central_timer_init)
{
	const u32 only = 0;
	struct central_timer *value;
	s32 err = scx_bpf_create_dsq(QUEUE, -1);

	if (err)
		return err;
	value = bpf_map_lookup_elem(&central, &only);
	if (!value)
		return -3;
	bpf_timer_init(&value->timer, &central, 1 /* CLOCK_MONOTONIC */);
	bpf_timer_set_callback(&value->timer, tick);
	return bpf_timer_start(&value->timer, 5000000, 0);
}

POLICY_EXIT(central_timer_exit)

POLICY_HOTPLUG_IGNORED(central_timer_cpu_online, central_timer_cpu_offline)

SCX_OPS_DEFINE(central_timer_ops,
	       .select_cpu = (void *)central_timer_select_cpu,
	       .enqueue = (void *)central_timer_enqueue,
	       .dispatch = (void *)central_timer_dispatch,
	       .init = (void *)central_timer_init,
	       .cpu_online = (void *)central_timer_cpu_online,
	       .cpu_offline = (void *)central_timer_cpu_offline,
	       .exit = (void *)central_timer_exit,
	       .name = "central_timer");
