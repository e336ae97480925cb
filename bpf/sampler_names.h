/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/* A row bears its task's present name: exec, prctl and a write to /proc/PID/comm all pass this hook. */
#pragma once
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "sampler_tables.h"

SEC("tp_btf/task_rename")
int BPF_PROG(renamed, struct task_struct* p, const char* name) {
  if (settings.by != SAMPLER_BY_TASK && settings.by != SAMPLER_BY_PROCESS) return 0;
  if (settings.by == SAMPLER_BY_PROCESS && p->pid != p->tgid) return 0; /* a process has its first thread's */
  const __u64 key = tag_of(p);
  for (__u32 way = 0; way < SAMPLER_WAYS; way++) {
    const __u32 index = (key & settings.row_mask) * SAMPLER_WAYS + way;
    struct sampler_row* row = bpf_map_lookup_elem(&rows, &index);
    if (!row || row->key != key) continue;
    bpf_probe_read_kernel_str(row->comm, sizeof row->comm, name);
  }
  return 0;
}
