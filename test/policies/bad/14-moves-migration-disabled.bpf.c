/*
 * stage: lint
 * rule: lint/migration-disabled
 * says: may not migrate
 *
 * Anchor 8. Tasks that may not migrate are asked for, and sent to any CPU of their mask.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

void BPF_STRUCT_OPS(moves_migration_disabled_enqueue, struct task_struct *p, u64 enq_flags)
{
	const s32 cpu = bpf_cpumask_any_distribute(p->cpus_ptr);

	scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL_ON | cpu, SCX_SLICE_DFL, enq_flags);
}

POLICY_EXIT(moves_migration_disabled_exit)

POLICY_HOTPLUG_IGNORED(moves_migration_disabled_cpu_online, moves_migration_disabled_cpu_offline)

SCX_OPS_DEFINE(moves_migration_disabled_ops,
	       .enqueue = (void *)moves_migration_disabled_enqueue,
	       .cpu_online = (void *)moves_migration_disabled_cpu_online,
	       .cpu_offline = (void *)moves_migration_disabled_cpu_offline,
	       .exit = (void *)moves_migration_disabled_exit,
	       .flags = SCX_OPS_ENQ_MIGRATION_DISABLED,
	       .name = "moves_migration_disabled");
