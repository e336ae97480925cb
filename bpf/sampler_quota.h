/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/* Time for which a cgroup's quota (cpu.max, cpu.cfs_quota_us) holds a task. The kernel counts it as waiting
 * for a CPU, in run_delay; here it is told apart by what the account of the task's queue has grown by while
 * it waited.
 *
 * From Linux 6.18 on a task is held when it returns to user space, so the wait begins with `throttled` set.
 * Before, the whole queue was taken off its parent, with whoever was or came to be on it: the wait of a task
 * that wakes up has to be looked at from its wake-up on. */
#pragma once
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "sampler_tables.h"

#define FIRST_FAIR_PRIO 100

/* ns for which this queue, or one above it, has been held by a quota while it had tasks. READ(queue, field):
 * plain where the verifier knows the pointer, else BPF_CORE_READ. */
#define HELD_NS(queue, READ)                                                            \
  ({                                                                                    \
    __u64 sum = 0;                                                                      \
    if (bpf_core_field_exists(((struct cfs_rq*)0)->throttled_clock_self_time)) {        \
      const __u64 since = READ(queue, throttled_clock_self);                            \
      sum = READ(queue, throttled_clock_self_time);                                     \
      if (since) sum += READ(queue, rq, clock) - since;                                 \
    } else if (bpf_core_field_exists(((struct cfs_rq*)0)->throttled_clock_pelt_time)) { \
      sum = READ(queue, throttled_clock_pelt_time);                                     \
      if (READ(queue, throttle_count))                                                  \
        sum += READ(queue, rq, clock_pelt) - READ(queue, rq, lost_idle_time) -          \
               READ(queue, throttled_clock_pelt);                                       \
    }                                                                                   \
    sum;                                                                                \
  })
#define PLAIN_1(queue, a) (queue)->a
#define PLAIN_2(queue, a, b) (queue)->a->b
#define PLAIN_OF(_1, _2, _3, NAME, ...) NAME
#define PLAIN(...) PLAIN_OF(__VA_ARGS__, PLAIN_2, PLAIN_1)(__VA_ARGS__)

static __always_inline void wait_on(const struct task_struct* p, struct sampler_task* task) {
  const struct cfs_rq* queue = p->se.cfs_rq;
  task->queue = (__u64)(unsigned long)queue;
  task->held = HELD_NS(queue, PLAIN);
}

/* A task leaves its CPU. */
static __always_inline void expect_quota(struct sampler_cpu* cpu, const struct task_struct* p,
                                         struct sampler_task* task, bool blocked) {
  task->queue = 0;
  if (bpf_core_field_exists(p->throttled)) {
    if (p->throttled) wait_on(p, task);
    return;
  }
  if (p->prio < FIRST_FAIR_PRIO) return;
  wait_on(p, task);
  if (!cpu->quotas && task->held) cpu->quotas = 1;
  if (blocked) task->queue = 0;
}

/* How much of a wait that is over a quota held the task, at most `waited`. A task that has moved waited where
 * it was; a queue that is no longer one of its cgroup's says nothing. */
static __always_inline __u64 held_of(const struct task_struct* p, const struct sampler_task* task,
                                     __u64 waited) {
  const struct cfs_rq* queue = (const void*)(unsigned long)task->queue;
  if (!queue || (__s64)waited <= 0) return 0;
  if (queue != p->se.cfs_rq && BPF_CORE_READ(queue, tg) != p->sched_task_group) return 0;
  const __s64 held = HELD_NS(queue, BPF_CORE_READ) - task->held;
  return held <= 0 ? 0 : held > waited ? waited : held;
}

/* Attached only where it can matter (`quotas`). The task is on its queue by now. */
SEC("tp_btf/sched_wakeup")
int BPF_PROG(woken_to_queue, struct task_struct* p) {
  if (p->prio < FIRST_FAIR_PRIO) return 0;
  struct sampler_set* set = set_of(p);
  struct sampler_task* task = set ? find_task(set, tag_of(p)) : 0;
  if (task) wait_on(p, task);
  return 0;
}
