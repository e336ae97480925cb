/*
 * stage: load
 * rule: load/unknown-kfunc
 * says: scx_bpf_consume
 *
 * Hidden from lint and compiler: the old name is declared weak and called without a test.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

bool scx_bpf_consume___old(u64 dsq_id) __ksym __weak;
#define OLD(name) scx_bpf_##name##___old

#define QUEUE 0

s32 BPF_STRUCT_OPS(old_kfunc_declared_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	const s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(old_kfunc_declared_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, QUEUE, SCX_SLICE_DFL, enq_flags);
	kick_idle_cpu(p);
}

void BPF_STRUCT_OPS(old_kfunc_declared_dispatch, s32 cpu, struct task_struct *prev)
{
	OLD(consume)(QUEUE);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(old_kfunc_declared_init)
{
	return scx_bpf_create_dsq(QUEUE, -1);
}

POLICY_EXIT(old_kfunc_declared_exit)

POLICY_HOTPLUG_IGNORED(old_kfunc_declared_cpu_online, old_kfunc_declared_cpu_offline)

SCX_OPS_DEFINE(old_kfunc_declared_ops,
	       .select_cpu = (void *)old_kfunc_declared_select_cpu,
	       .enqueue = (void *)old_kfunc_declared_enqueue,
	       .dispatch = (void *)old_kfunc_declared_dispatch,
	       .init = (void *)old_kfunc_declared_init,
	       .cpu_online = (void *)old_kfunc_declared_cpu_online,
	       .cpu_offline = (void *)old_kfunc_declared_cpu_offline,
	       .exit = (void *)old_kfunc_declared_exit,
	       .name = "old_kfunc_declared");
