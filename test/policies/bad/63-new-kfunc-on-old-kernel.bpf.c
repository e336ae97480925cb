/*
 * stage: compile
 * rule: compile/unknown-function
 * says: scx_bpf_dsq_peek
 * kernel: 6.18
 *
 * A kfunc of 6.19 on 6.18.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

#define QUEUE 0

s32 BPF_STRUCT_OPS(new_kfunc_on_old_kernel_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	const s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(new_kfunc_on_old_kernel_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, QUEUE, SCX_SLICE_DFL, enq_flags);
	kick_idle_cpu(p);
}

void BPF_STRUCT_OPS(new_kfunc_on_old_kernel_dispatch, s32 cpu, struct task_struct *prev)
{
	struct task_struct *first = scx_bpf_dsq_peek(QUEUE);

	if (first)
		scx_bpf_dsq_move_to_local(QUEUE);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(new_kfunc_on_old_kernel_init)
{
	return scx_bpf_create_dsq(QUEUE, -1);
}

POLICY_EXIT(new_kfunc_on_old_kernel_exit)

POLICY_HOTPLUG_IGNORED(new_kfunc_on_old_kernel_cpu_online, new_kfunc_on_old_kernel_cpu_offline)

SCX_OPS_DEFINE(new_kfunc_on_old_kernel_ops,
	       .select_cpu = (void *)new_kfunc_on_old_kernel_select_cpu,
	       .enqueue = (void *)new_kfunc_on_old_kernel_enqueue,
	       .dispatch = (void *)new_kfunc_on_old_kernel_dispatch,
	       .init = (void *)new_kfunc_on_old_kernel_init,
	       .cpu_online = (void *)new_kfunc_on_old_kernel_cpu_online,
	       .cpu_offline = (void *)new_kfunc_on_old_kernel_cpu_offline,
	       .exit = (void *)new_kfunc_on_old_kernel_exit,
	       .name = "new_kfunc_on_old_kernel");
