/*
 * stage: attach
 * rule: attach/ejected
 * says: runnable task stall
 *
 * Anchor 28, hidden from lint: the answer is kept and means nothing.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, 2);
	__type(value, s32);
} waiting SEC(".maps");

static u64 lost;

void BPF_STRUCT_OPS(push_ignored_hidden_enqueue, struct task_struct *p, u64 enq_flags)
{
	s32 pid = p->pid;

	if (bpf_map_push_elem(&waiting, &pid, 0))
		__sync_fetch_and_add(&lost, 1);
}

void BPF_STRUCT_OPS(push_ignored_hidden_dispatch, s32 cpu, struct task_struct *prev)
{
	struct task_struct *p;
	s32 pid, i;

	bpf_for(i, 0, 2) {
		if (bpf_map_pop_elem(&waiting, &pid))
			break;
		p = bpf_task_from_pid(pid);
		if (!p)
			continue;
		scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, 0);
		bpf_task_release(p);
	}
}

POLICY_EXIT(push_ignored_hidden_exit)

POLICY_HOTPLUG_IGNORED(push_ignored_hidden_cpu_online, push_ignored_hidden_cpu_offline)

SCX_OPS_DEFINE(push_ignored_hidden_ops,
	       .enqueue = (void *)push_ignored_hidden_enqueue,
	       .dispatch = (void *)push_ignored_hidden_dispatch,
	       .cpu_online = (void *)push_ignored_hidden_cpu_online,
	       .cpu_offline = (void *)push_ignored_hidden_cpu_offline,
	       .exit = (void *)push_ignored_hidden_exit,
	       .name = "push_ignored_hidden");
