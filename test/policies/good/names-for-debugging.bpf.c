/*
 * Reads the names of tasks, to print them when the policy ends and to remember who ran last.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

static char last[16];

s32 BPF_STRUCT_OPS(names_for_debugging_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	const s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(names_for_debugging_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
	kick_idle_cpu(p);
}

void BPF_STRUCT_OPS(names_for_debugging_running, struct task_struct *p)
{
	bpf_probe_read_kernel_str(last, sizeof(last), p->comm);
}

#define scx_dump(format, args...)                                                       \
	({                                                                              \
		static char dump_format[] = format;                                     \
		unsigned long long dump_args[___bpf_narg(args) ?: 1] = {};              \
		___bpf_fill(dump_args, args);                                           \
		scx_bpf_dump_bstr(dump_format, dump_args, ___bpf_narg(args) * 8); \
	})

void BPF_STRUCT_OPS(names_for_debugging_dump_task, struct scx_dump_ctx *context, struct task_struct *p)
{
	scx_dump("%s has weight %u", (unsigned long)p->comm, p->scx.weight);
}

POLICY_EXIT(names_for_debugging_exit)

POLICY_HOTPLUG_IGNORED(names_for_debugging_cpu_online, names_for_debugging_cpu_offline)

SCX_OPS_DEFINE(names_for_debugging_ops,
	       .select_cpu = (void *)names_for_debugging_select_cpu,
	       .enqueue = (void *)names_for_debugging_enqueue,
	       .running = (void *)names_for_debugging_running,
	       .dump_task = (void *)names_for_debugging_dump_task,
	       .cpu_online = (void *)names_for_debugging_cpu_online,
	       .cpu_offline = (void *)names_for_debugging_cpu_offline,
	       .exit = (void *)names_for_debugging_exit,
	       .name = "names_for_debugging");
