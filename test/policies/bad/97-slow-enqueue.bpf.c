/*
 * stage: attach
 * rule: attach/ejected
 * says: runnable task stall
 *
 * Each wake-up counts to eight million with the run queue locked.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

static u64 sum;

s32 BPF_STRUCT_OPS(slow_enqueue_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	const s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(slow_enqueue_enqueue, struct task_struct *p, u64 enq_flags)
{
	int i;

	bpf_for(i, 0, 8 << 20)
		sum += i;
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}

POLICY_EXIT(slow_enqueue_exit)

POLICY_HOTPLUG_IGNORED(slow_enqueue_cpu_online, slow_enqueue_cpu_offline)

SCX_OPS_DEFINE(slow_enqueue_ops,
	       .select_cpu = (void *)slow_enqueue_select_cpu,
	       .enqueue = (void *)slow_enqueue_enqueue,
	       .cpu_online = (void *)slow_enqueue_cpu_online,
	       .cpu_offline = (void *)slow_enqueue_cpu_offline,
	       .exit = (void *)slow_enqueue_exit,
	       .name = "slow_enqueue");
