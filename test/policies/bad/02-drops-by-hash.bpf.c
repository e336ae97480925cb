/*
 * stage: attach
 * rule: attach/ejected
 * says: runnable task stall
 *
 * Anchor 1, hidden from lint: the task is put into a map that nobody reads.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 64);
	__type(key, s32);
	__type(value, u64);
} later SEC(".maps");

s32 BPF_STRUCT_OPS(drops_by_hash_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	const s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(drops_by_hash_enqueue, struct task_struct *p, u64 enq_flags)
{
	u32 pid = p->pid;
	u64 now = scx_bpf_now();

	if (pid % 10 == 9) {
		bpf_map_update_elem(&later, &pid, &now, BPF_ANY);
		return;
	}
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}

POLICY_EXIT(drops_by_hash_exit)

POLICY_HOTPLUG_IGNORED(drops_by_hash_cpu_online, drops_by_hash_cpu_offline)

SCX_OPS_DEFINE(drops_by_hash_ops,
	       .select_cpu = (void *)drops_by_hash_select_cpu,
	       .enqueue = (void *)drops_by_hash_enqueue,
	       .cpu_online = (void *)drops_by_hash_cpu_online,
	       .cpu_offline = (void *)drops_by_hash_cpu_offline,
	       .exit = (void *)drops_by_hash_exit,
	       .name = "drops_by_hash");
