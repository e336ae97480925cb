/*
 * stage: lint
 * rule: lint/vtime-builtin-dsq
 * says: built-in queue
 *
 * Anchor 4. The global queue cannot be ordered by virtual time.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

s32 BPF_STRUCT_OPS(vtime_into_global_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	const s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

POLICY_RUN_TIME

static u64 clock;

void BPF_STRUCT_OPS(vtime_into_global_running, struct task_struct *p)
{
	run_begins(p);
	if (vtime_before(clock, p->scx.dsq_vtime))
		clock = p->scx.dsq_vtime;
}

void BPF_STRUCT_OPS(vtime_into_global_enable, struct task_struct *p)
{
	scx_bpf_task_set_dsq_vtime(p, clock);
}
void BPF_STRUCT_OPS(vtime_into_global_enqueue, struct task_struct *p, u64 enq_flags)
{
	const u64 vtime = vtime_clamp(p->scx.dsq_vtime, clock, SCX_SLICE_DFL);

	scx_bpf_dsq_insert_vtime(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, vtime, enq_flags);
}

void BPF_STRUCT_OPS(vtime_into_global_stopping, struct task_struct *p, bool runnable)
{
	const u64 cost = per_weight(run_time(p), p->scx.weight);

	scx_bpf_task_set_dsq_vtime(p, p->scx.dsq_vtime + cost);
}

POLICY_EXIT(vtime_into_global_exit)

POLICY_HOTPLUG_IGNORED(vtime_into_global_cpu_online, vtime_into_global_cpu_offline)

SCX_OPS_DEFINE(vtime_into_global_ops,
	       .select_cpu = (void *)vtime_into_global_select_cpu,
	       .enqueue = (void *)vtime_into_global_enqueue,
	       .running = (void *)vtime_into_global_running,
	       .stopping = (void *)vtime_into_global_stopping,
	       .enable = (void *)vtime_into_global_enable,
	       .cpu_online = (void *)vtime_into_global_cpu_online,
	       .cpu_offline = (void *)vtime_into_global_cpu_offline,
	       .exit = (void *)vtime_into_global_exit,
	       .name = "vtime_into_global");
