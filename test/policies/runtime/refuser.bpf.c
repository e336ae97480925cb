/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Loads, and then says no when it is to be enabled. */
#include "runtime.bpf.h"

SEC("struct_ops.s/refuser_init")
s32 BPF_PROG(refuser_init)
{
	return -95; /* EOPNOTSUPP */
}

SEC("struct_ops/refuser_exit")
void BPF_PROG(refuser_exit, struct scx_exit_info *info)
{
	record_exit(info);
}

SEC(".struct_ops.link")
struct sched_ext_ops refuser_ops = {
	.init = (void *)refuser_init,
	.exit = (void *)refuser_exit,
	.name = "refuser",
};
