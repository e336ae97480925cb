/*
 * stage: compile
 * rule: compile/stack
 * says: 512
 *
 * A structure of 800 bytes on the stack.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

struct table {
	u64 load[100];
};

struct table last;

s32 BPF_STRUCT_OPS(huge_stack_hidden_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	const s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(huge_stack_hidden_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
	kick_idle_cpu(p);
}

void BPF_STRUCT_OPS(huge_stack_hidden_dispatch, s32 cpu, struct task_struct *prev)
{
	struct table table = {};
	int i;

	bpf_for(i, 0, 100)
		table.load[i] = cpu * i;
	last = table;
}

POLICY_EXIT(huge_stack_hidden_exit)

POLICY_HOTPLUG_IGNORED(huge_stack_hidden_cpu_online, huge_stack_hidden_cpu_offline)

SCX_OPS_DEFINE(huge_stack_hidden_ops,
	       .select_cpu = (void *)huge_stack_hidden_select_cpu,
	       .enqueue = (void *)huge_stack_hidden_enqueue,
	       .dispatch = (void *)huge_stack_hidden_dispatch,
	       .cpu_online = (void *)huge_stack_hidden_cpu_online,
	       .cpu_offline = (void *)huge_stack_hidden_cpu_offline,
	       .exit = (void *)huge_stack_hidden_exit,
	       .name = "huge_stack_hidden");
