/*
 * stage: lint
 * rule: lint/licence-incompatible
 * says: Proprietary
 *
 * A licence that the kernel does not take.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Proprietary";

s32 BPF_STRUCT_OPS(proprietary_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	const s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(proprietary_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
	kick_idle_cpu(p);
}

POLICY_EXIT(proprietary_exit)

POLICY_HOTPLUG_IGNORED(proprietary_cpu_online, proprietary_cpu_offline)

SCX_OPS_DEFINE(proprietary_ops,
	       .select_cpu = (void *)proprietary_select_cpu,
	       .enqueue = (void *)proprietary_enqueue,
	       .cpu_online = (void *)proprietary_cpu_online,
	       .cpu_offline = (void *)proprietary_cpu_offline,
	       .exit = (void *)proprietary_exit,
	       .name = "proprietary");
