/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Asks to be started again when a CPU goes, by the code that the kernel has for it. */
#include "runtime.bpf.h"

SEC("struct_ops/restarter_enqueue")
void BPF_PROG(restarter_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, DSQ_GLOBAL, 5000000, enq_flags);
}

static void ask(s32 cpu)
{
	static char format[] = "cpu %llu";
	u64 args[1] = { cpu };

	/* SCX_ECODE_ACT_RESTART and a code of its own. */
	scx_bpf_exit_bstr((1LL << 48) | 7, format, args, sizeof(args));
}

SEC("struct_ops.s/restarter_cpu_online")
void BPF_PROG(restarter_cpu_online, s32 cpu)
{
	ask(cpu);
}

SEC("struct_ops.s/restarter_cpu_offline")
void BPF_PROG(restarter_cpu_offline, s32 cpu)
{
	ask(cpu);
}

SEC("struct_ops/restarter_exit")
void BPF_PROG(restarter_exit, struct scx_exit_info *info)
{
	record_exit(info);
}

SEC(".struct_ops.link")
struct sched_ext_ops restarter_ops = {
	.enqueue = (void *)restarter_enqueue,
	.cpu_online = (void *)restarter_cpu_online,
	.cpu_offline = (void *)restarter_cpu_offline,
	.exit = (void *)restarter_exit,
	.name = "restarter",
};
