/*
 * Watches idle CPUs beside the kernel’s own tracking, which it keeps.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

static u64 nr_idle;

s32 BPF_STRUCT_OPS(own_idle_mask_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	const s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(own_idle_mask_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
	kick_idle_cpu(p);
}

void BPF_STRUCT_OPS(own_idle_mask_update_idle, s32 cpu, bool idle)
{
	__sync_fetch_and_add(&nr_idle, idle ? 1 : -1);
}

POLICY_EXIT(own_idle_mask_exit)

POLICY_HOTPLUG_IGNORED(own_idle_mask_cpu_online, own_idle_mask_cpu_offline)

SCX_OPS_DEFINE(own_idle_mask_ops,
	       .select_cpu = (void *)own_idle_mask_select_cpu,
	       .enqueue = (void *)own_idle_mask_enqueue,
	       .update_idle = (void *)own_idle_mask_update_idle,
	       .cpu_online = (void *)own_idle_mask_cpu_online,
	       .cpu_offline = (void *)own_idle_mask_cpu_offline,
	       .exit = (void *)own_idle_mask_exit,
	       .flags = SCX_OPS_KEEP_BUILTIN_IDLE,
	       .name = "own_idle_mask");
