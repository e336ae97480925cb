/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Gives up with scx_bpf_error() after so many tasks; its exit record is spelled as in stock scx policies. */
#include "runtime.bpf.h"

const volatile u64 quit_after = 50;
u64 seen;

struct user_exit_info {
	int kind;
	s64 exit_code;
	char reason[128];
	char msg[1024];
} uei;

SEC("struct_ops/quitter_enqueue")
void BPF_PROG(quitter_enqueue, struct task_struct *p, u64 enq_flags)
{
	static char format[] = "quits after %llu tasks";
	u64 args[1] = { quit_after };

	if (__sync_fetch_and_add(&seen, 1) == quit_after)
		scx_bpf_error_bstr(format, args, sizeof(args));
	scx_bpf_dsq_insert(p, DSQ_GLOBAL, 5000000, enq_flags);
}

SEC("struct_ops/quitter_exit")
void BPF_PROG(quitter_exit, struct scx_exit_info *info)
{
	bpf_probe_read_kernel_str(uei.reason, sizeof(uei.reason), info->reason);
	bpf_probe_read_kernel_str(uei.msg, sizeof(uei.msg), info->msg);
	uei.exit_code = info->exit_code;
	uei.kind = info->kind;
}

SEC(".struct_ops.link")
struct sched_ext_ops quitter_ops = {
	.enqueue = (void *)quitter_enqueue,
	.exit = (void *)quitter_exit,
	.name = "quitter",
};
