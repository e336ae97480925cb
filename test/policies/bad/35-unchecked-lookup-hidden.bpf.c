/*
 * stage: load
 * rule: load/null-check
 * says: may be NULL
 *
 * Anchor 21, hidden from lint: the test is there, for another pointer.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, s32);
	__type(value, u64);
} counts SEC(".maps");

static u64 *count_of(s32 pid)
{
	return bpf_map_lookup_elem(&counts, &pid);
}

s32 BPF_STRUCT_OPS(unchecked_lookup_hidden_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	const s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(unchecked_lookup_hidden_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
	kick_idle_cpu(p);
}

void BPF_STRUCT_OPS(unchecked_lookup_hidden_running, struct task_struct *p)
{
	u64 *before = count_of(p->pid);
	u64 *count = count_of(p->pid + 1);

	if (before)
		*count += *before;
}

POLICY_EXIT(unchecked_lookup_hidden_exit)

POLICY_HOTPLUG_IGNORED(unchecked_lookup_hidden_cpu_online, unchecked_lookup_hidden_cpu_offline)

SCX_OPS_DEFINE(unchecked_lookup_hidden_ops,
	       .select_cpu = (void *)unchecked_lookup_hidden_select_cpu,
	       .enqueue = (void *)unchecked_lookup_hidden_enqueue,
	       .running = (void *)unchecked_lookup_hidden_running,
	       .cpu_online = (void *)unchecked_lookup_hidden_cpu_online,
	       .cpu_offline = (void *)unchecked_lookup_hidden_cpu_offline,
	       .exit = (void *)unchecked_lookup_hidden_exit,
	       .name = "unchecked_lookup_hidden");
