/*
 * stage: trial
 * rule: trial/fork-errors
 * says: processes could not be made
 *
 * Anchor 29, hidden from lint: the storage of tasks is a small table that fills up.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 256);
	__type(key, s32);
	__type(value, u64);
} counts SEC(".maps");

s32 BPF_STRUCT_OPS(init_task_refuses_hidden_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	const s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(init_task_refuses_hidden_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
	kick_idle_cpu(p);
}

s32 BPF_STRUCT_OPS(init_task_refuses_hidden_init_task, struct task_struct *p, struct scx_init_task_args *args)
{
	s32 pid = p->pid;
	u64 zero = 0;

	return bpf_map_update_elem(&counts, &pid, &zero, BPF_ANY);
}

POLICY_EXIT(init_task_refuses_hidden_exit)

POLICY_HOTPLUG_IGNORED(init_task_refuses_hidden_cpu_online, init_task_refuses_hidden_cpu_offline)

SCX_OPS_DEFINE(init_task_refuses_hidden_ops,
	       .select_cpu = (void *)init_task_refuses_hidden_select_cpu,
	       .enqueue = (void *)init_task_refuses_hidden_enqueue,
	       .init_task = (void *)init_task_refuses_hidden_init_task,
	       .cpu_online = (void *)init_task_refuses_hidden_cpu_online,
	       .cpu_offline = (void *)init_task_refuses_hidden_cpu_offline,
	       .exit = (void *)init_task_refuses_hidden_exit,
	       .name = "init_task_refuses_hidden");
