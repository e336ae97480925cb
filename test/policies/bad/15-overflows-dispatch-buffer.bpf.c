/*
 * stage: attach
 * rule: attach/ejected
 * says: dispatch buffer overflow
 *
 * Anchor 9. One dispatch inserts up to 64 tasks and has room for 4.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, 4096);
	__type(value, s32);
} waiting SEC(".maps");

void BPF_STRUCT_OPS(overflows_dispatch_buffer_enqueue, struct task_struct *p, u64 enq_flags)
{
	s32 pid = p->pid;

	if (bpf_map_push_elem(&waiting, &pid, 0))
		scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(overflows_dispatch_buffer_dispatch, s32 cpu, struct task_struct *prev)
{
	struct task_struct *p;
	s32 pid, i;

	bpf_for(i, 0, 64) {
		if (bpf_map_pop_elem(&waiting, &pid))
			break;
		p = bpf_task_from_pid(pid);
		if (!p)
			continue;
		scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, 0);
		bpf_task_release(p);
	}
}

POLICY_EXIT(overflows_dispatch_buffer_exit)

POLICY_HOTPLUG_IGNORED(overflows_dispatch_buffer_cpu_online, overflows_dispatch_buffer_cpu_offline)

SCX_OPS_DEFINE(overflows_dispatch_buffer_ops,
	       .enqueue = (void *)overflows_dispatch_buffer_enqueue,
	       .dispatch = (void *)overflows_dispatch_buffer_dispatch,
	       .cpu_online = (void *)overflows_dispatch_buffer_cpu_online,
	       .cpu_offline = (void *)overflows_dispatch_buffer_cpu_offline,
	       .exit = (void *)overflows_dispatch_buffer_exit,
	       .dispatch_max_batch = 4,
	       .name = "overflows_dispatch_buffer");
