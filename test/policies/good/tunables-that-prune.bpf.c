/*
 * Switches set before load: what is behind a false one does not exist for the kernel, not even a fault that is put
 * in on purpose.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

const volatile bool debug;
const volatile u32 drop_every;
const volatile bool by_vtime;

static u64 nr;

#define QUEUE 0

POLICY_RUN_TIME

static u64 clock;

void BPF_STRUCT_OPS(tunables_that_prune_running, struct task_struct *p)
{
	run_begins(p);
	if (vtime_before(clock, p->scx.dsq_vtime))
		clock = p->scx.dsq_vtime;
}

void BPF_STRUCT_OPS(tunables_that_prune_enable, struct task_struct *p)
{
	scx_bpf_task_set_dsq_vtime(p, clock);
}

s32 BPF_STRUCT_OPS(tunables_that_prune_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	const s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(tunables_that_prune_enqueue, struct task_struct *p, u64 enq_flags)
{
	if (debug)
		bpf_printk("enqueue %d", p->pid);
	if (drop_every && ++nr % drop_every == 0)
		return;
	if (by_vtime)
		scx_bpf_dsq_insert_vtime(p, QUEUE, SCX_SLICE_DFL, vtime_clamp(p->scx.dsq_vtime, clock, SCX_SLICE_DFL),
					 enq_flags);
	else
		scx_bpf_dsq_insert(p, QUEUE, SCX_SLICE_DFL, enq_flags);
	kick_idle_cpu(p);
}

void BPF_STRUCT_OPS(tunables_that_prune_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(QUEUE);
}

void BPF_STRUCT_OPS(tunables_that_prune_stopping, struct task_struct *p, bool runnable)
{
	const u64 cost = per_weight(run_time(p), p->scx.weight);

	scx_bpf_task_set_dsq_vtime(p, p->scx.dsq_vtime + cost);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(tunables_that_prune_init)
{
	return scx_bpf_create_dsq(QUEUE, -1);
}

POLICY_EXIT(tunables_that_prune_exit)

POLICY_HOTPLUG_IGNORED(tunables_that_prune_cpu_online, tunables_that_prune_cpu_offline)

SCX_OPS_DEFINE(tunables_that_prune_ops,
	       .select_cpu = (void *)tunables_that_prune_select_cpu,
	       .enqueue = (void *)tunables_that_prune_enqueue,
	       .dispatch = (void *)tunables_that_prune_dispatch,
	       .running = (void *)tunables_that_prune_running,
	       .stopping = (void *)tunables_that_prune_stopping,
	       .enable = (void *)tunables_that_prune_enable,
	       .init = (void *)tunables_that_prune_init,
	       .cpu_online = (void *)tunables_that_prune_cpu_online,
	       .cpu_offline = (void *)tunables_that_prune_cpu_offline,
	       .exit = (void *)tunables_that_prune_exit,
	       .name = "tunables_that_prune");
