/*
 * stage: lint
 * rule: lint/printk-hot-op
 * says: at every call
 *
 * Anchor 35. A line in the trace buffer for each wake-up.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

s32 BPF_STRUCT_OPS(printk_in_enqueue_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	const s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(printk_in_enqueue_enqueue, struct task_struct *p, u64 enq_flags)
{
	bpf_printk("enqueue %d", p->pid);
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}

POLICY_EXIT(printk_in_enqueue_exit)

POLICY_HOTPLUG_IGNORED(printk_in_enqueue_cpu_online, printk_in_enqueue_cpu_offline)

SCX_OPS_DEFINE(printk_in_enqueue_ops,
	       .select_cpu = (void *)printk_in_enqueue_select_cpu,
	       .enqueue = (void *)printk_in_enqueue_enqueue,
	       .cpu_online = (void *)printk_in_enqueue_cpu_online,
	       .cpu_offline = (void *)printk_in_enqueue_cpu_offline,
	       .exit = (void *)printk_in_enqueue_exit,
	       .name = "printk_in_enqueue");
