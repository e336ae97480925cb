/*
 * stage: trial
 * rule: trial/memory
 * says: memory_taken_bytes
 *
 * Every wake-up makes an entry that is never removed.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 1 << 13);
	__type(key, u64);
	__type(value, char[16384]);
} past SEC(".maps");

static const char nothing[16384];

s32 BPF_STRUCT_OPS(memory_eater_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	const s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(memory_eater_enqueue, struct task_struct *p, u64 enq_flags)
{
	u64 now = scx_bpf_now();

	bpf_map_update_elem(&past, &now, nothing, BPF_ANY);
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}

POLICY_EXIT(memory_eater_exit)

POLICY_HOTPLUG_IGNORED(memory_eater_cpu_online, memory_eater_cpu_offline)

SCX_OPS_DEFINE(memory_eater_ops,
	       .select_cpu = (void *)memory_eater_select_cpu,
	       .enqueue = (void *)memory_eater_enqueue,
	       .cpu_online = (void *)memory_eater_cpu_online,
	       .cpu_offline = (void *)memory_eater_cpu_offline,
	       .exit = (void *)memory_eater_exit,
	       .name = "memory_eater");
