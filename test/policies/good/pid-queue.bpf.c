/*
 * Tasks wait in a BPF queue by pid. A full queue is not the end: the task goes to the kernel’s.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, 4096);
	__type(value, s32);
} waiting SEC(".maps");

s32 BPF_STRUCT_OPS(pid_queue_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	const s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(pid_queue_enqueue, struct task_struct *p, u64 enq_flags)
{
	s32 pid = p->pid;

	if (bpf_map_push_elem(&waiting, &pid, 0)) {
		scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
		return;
	}
	kick_idle_cpu(p);
}

void BPF_STRUCT_OPS(pid_queue_dispatch, s32 cpu, struct task_struct *prev)
{
	struct task_struct *p;
	s32 pid, i;

	bpf_for(i, 0, 8) {
		if (!scx_bpf_dispatch_nr_slots() || bpf_map_pop_elem(&waiting, &pid))
			break;
		p = bpf_task_from_pid(pid);
		if (!p)
			continue;
		scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, 0);
		bpf_task_release(p);
	}
}

POLICY_EXIT(pid_queue_exit)

POLICY_HOTPLUG_IGNORED(pid_queue_cpu_online, pid_queue_cpu_offline)

SCX_OPS_DEFINE(pid_queue_ops,
	       .select_cpu = (void *)pid_queue_select_cpu,
	       .enqueue = (void *)pid_queue_enqueue,
	       .dispatch = (void *)pid_queue_dispatch,
	       .cpu_online = (void *)pid_queue_cpu_online,
	       .cpu_offline = (void *)pid_queue_cpu_offline,
	       .exit = (void *)pid_queue_exit,
	       .name = "pid_queue");
