/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/* Waits beyond a threshold, told as they end: who waited, who woke it, who had the CPU until then. */
#pragma once
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "sampler_quota.h"
#include "sampler_stamps.h"
#include "sampler_tables.h"

struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, 4096);
} outliers SEC(".maps");

/* How long `next` has waited. sched_info has the part before the task was moved here in run_delay already. */
static __always_inline __u64 waited_by(const struct task_struct* next, const struct sampler_task* task) {
  const __u64 queued = next->sched_info.last_queued;
  __u64 waited = queued ? clock_of(next) - queued : 0;
  if (task && task->pcount == next->sched_info.pcount) waited += next->sched_info.run_delay - task->run_delay;
  return waited;
}

static __always_inline void watch(struct sampler_cpu* cpu, const struct task_struct* prev,
                                  const struct task_struct* next, const struct stay* stay) {
  struct sampler_set* set = set_of(next);
  if (!set) return;
  const struct sampler_task* task = find_task(set, tag_of(next));
  const __u64 waited = settings.stamps ? stay->next_waited : waited_by(next, task);
  if ((__s64)waited < (__s64)settings.outlier_ns) return;
  struct sampler_event* event = bpf_ringbuf_reserve(&outliers, sizeof *event, 0);
  if (!event) {
    cpu->lost++;
    return;
  }
  event->at = bpf_ktime_get_ns();
  /* Nobody had the CPU instead of a task that did not want it. */
  const __u64 held = task ? held_of(next, task, waited) : 0;
  const bool behind = waited - held >= settings.outlier_ns;
  event->latency = waited - held;
  event->throttled = held;
  event->ran = behind && prev->pid ? stay->now - stay->arrived : 0;
  event->tid = number_of(next);
  event->tgid = process_of(next);
  event->cpu = bpf_get_smp_processor_id();
  event->before_tid = behind ? prev->pid : 0;
  event->waker = task ? task->waker : 0;
  event->spare = 0;
  __builtin_memcpy(event->comm, (const void*)next->comm, SAMPLER_COMM);
  __builtin_memcpy(event->before_comm, (const void*)prev->comm, SAMPLER_COMM);
  __builtin_memset(event->waker_comm, 0, SAMPLER_COMM);
  if (task) __builtin_memcpy(event->waker_comm, (const void*)task->waker_comm, SAMPLER_COMM);
  bpf_ringbuf_submit(event, 0);
}

/* The task that was current when another was woken, in an interrupt too. */
SEC("tp_btf/sched_waking")
int BPF_PROG(waking, struct task_struct* p) {
  struct sampler_set* set = set_of(p);
  struct sampler_task* task = set ? find_task(set, tag_of(p)) : 0;
  if (!task) return 0;
  const struct task_struct* current = bpf_get_current_task_btf();
  task->waker = number_of(current);
  __builtin_memcpy(task->waker_comm, (const void*)current->comm, SAMPLER_COMM);
  return 0;
}
