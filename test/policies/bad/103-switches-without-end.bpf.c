/*
 * stage: trial
 * rule: trial/switch-rate
 * says: more switches than any load needs
 *
 * Turns far below a tick, cut by a timer: who waits is served soon, and most of the time goes into switching.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

#define QUEUE 0
#define TURN_NS 100000

struct switches_without_end {
	struct bpf_timer timer;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct switches_without_end);
} beat SEC(".maps");

s32 BPF_STRUCT_OPS(switches_without_end_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	const s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(switches_without_end_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, QUEUE, SCX_SLICE_DFL, enq_flags);
	kick_idle_cpu(p);
}

void BPF_STRUCT_OPS(switches_without_end_dispatch, s32 cpu, struct task_struct *prev)
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
	bpf_timer_start(timer, TURN_NS, 0);
	return 0;
}

s32 BPF_STRUCT_OPS_SLEEPABLE(switches_without_end_init)
{
	const u32 only = 0;
	struct switches_without_end *value;
	s32 err = scx_bpf_create_dsq(QUEUE, -1);

	if (err)
		return err;
	value = bpf_map_lookup_elem(&beat, &only);
	if (!value)
		return -3;
	bpf_timer_init(&value->timer, &beat, 1 /* CLOCK_MONOTONIC */);
	bpf_timer_set_callback(&value->timer, tick);
	return bpf_timer_start(&value->timer, TURN_NS, 0);
}

POLICY_EXIT(switches_without_end_exit)

POLICY_HOTPLUG_IGNORED(switches_without_end_cpu_online, switches_without_end_cpu_offline)

SCX_OPS_DEFINE(switches_without_end_ops,
	       .select_cpu = (void *)switches_without_end_select_cpu,
	       .enqueue = (void *)switches_without_end_enqueue,
	       .dispatch = (void *)switches_without_end_dispatch,
	       .init = (void *)switches_without_end_init,
	       .cpu_online = (void *)switches_without_end_cpu_online,
	       .cpu_offline = (void *)switches_without_end_cpu_offline,
	       .exit = (void *)switches_without_end_exit,
	       .name = "switches_without_end");
