/*
 * stage: lint
 * rule: lint/pid-queue-exiting
 * says: exiting task is not found
 *
 * Anchor 27. Exiting tasks are asked for and cannot be found by pid.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, 4096);
	__type(value, s32);
} waiting SEC(".maps");

void BPF_STRUCT_OPS(pid_queue_exiting_enqueue, struct task_struct *p, u64 enq_flags)
{
	s32 pid = p->pid;

	if (bpf_map_push_elem(&waiting, &pid, 0))
		scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(pid_queue_exiting_dispatch, s32 cpu, struct task_struct *prev)
{
	struct task_struct *p;
	s32 pid, i;

	bpf_for(i, 0, 8) {
		if (bpf_map_pop_elem(&waiting, &pid))
			break;
		p = bpf_task_from_pid(pid);
		if (!p)
			continue;
		scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, 0);
		bpf_task_release(p);
	}
}

POLICY_EXIT(pid_queue_exiting_exit)

POLICY_HOTPLUG_IGNORED(pid_queue_exiting_cpu_online, pid_queue_exiting_cpu_offline)

SCX_OPS_DEFINE(pid_queue_exiting_ops,
	       .enqueue = (void *)pid_queue_exiting_enqueue,
	       .dispatch = (void *)pid_queue_exiting_dispatch,
	       .cpu_online = (void *)pid_queue_exiting_cpu_online,
	       .cpu_offline = (void *)pid_queue_exiting_cpu_offline,
	       .exit = (void *)pid_queue_exiting_exit,
	       .flags = SCX_OPS_ENQ_EXITING,
	       .name = "pid_queue_exiting");
