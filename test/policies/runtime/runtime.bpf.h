/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What the runtime's own test policies share: they try the loader, so they stand on nothing but vmlinux.h. */
#pragma once
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

/* The constants of include/linux/sched/ext.h that these policies use. */
#define DSQ_GLOBAL 0x8000000000000001ULL

struct tunesmith_exit {
	s32 kind;
	s64 exit_code;
	char reason[128];
	char msg[1024];
} tunesmith_exit;

static inline void record_exit(const struct scx_exit_info *info)
{
	bpf_probe_read_kernel_str(tunesmith_exit.reason, sizeof(tunesmith_exit.reason), info->reason);
	bpf_probe_read_kernel_str(tunesmith_exit.msg, sizeof(tunesmith_exit.msg), info->msg);
	tunesmith_exit.exit_code = info->exit_code;
	tunesmith_exit.kind = info->kind;
}
