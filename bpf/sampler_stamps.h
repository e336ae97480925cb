/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/* One stay of a task on a CPU, from either of two sources that agree: the kernel's sched_info, or for kernels
 * built without it stamps of our own, which cost a clock reading and a hook on every wake-up. */
#pragma once
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "sampler_tables.h"

struct stay {
  __u64 now;         /* it ends */
  __u64 arrived;     /* it began */
  __u64 run_delay;   /* waited in all, since the task was born or, with stamps, first met */
  __u64 pcount;      /* stays so far, this one too; 0: its beginning was not seen */
  bool blocked;      /* it ends because the task sleeps */
  __u64 next_waited; /* with stamps: how long the task that is next has waited */
};

static __always_inline __u64 clock_of(const struct task_struct* p) {
  return p->se.cfs_rq->rq->clock;
}

static __always_inline void read_sched_info(const struct task_struct* p, struct stay* stay) {
  stay->now = clock_of(p);
  stay->arrived = p->sched_info.last_arrival;
  stay->run_delay = p->sched_info.run_delay;
  stay->pcount = p->sched_info.pcount;
}

struct stamp {
  __u64 queued_at, arrived, run_delay, pcount;
};

struct {
  __uint(type, BPF_MAP_TYPE_TASK_STORAGE);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, int);
  __type(value, struct stamp);
} stamps SEC(".maps");

static __always_inline struct stamp* stamp_of(struct task_struct* p) {
  return bpf_task_storage_get(&stamps, p, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
}

static __always_inline void stamp_switch(struct task_struct* prev, struct task_struct* next,
                                         struct stay* stay) {
  stay->now = bpf_ktime_get_ns();
  struct stamp* stamp = prev->pid ? stamp_of(prev) : 0;
  if (stamp) {
    stay->arrived = stamp->arrived;
    stay->run_delay = stamp->run_delay;
    stay->pcount = stamp->pcount;
    stamp->queued_at = stay->blocked ? 0 : stay->now;
  }
  stamp = next->pid ? stamp_of(next) : 0;
  if (!stamp) return;
  if (stamp->queued_at) stay->next_waited = stay->now - stamp->queued_at;
  stamp->run_delay += stay->next_waited;
  stamp->queued_at = 0;
  stamp->arrived = stay->now;
  /* The first stay is number 1 only for the new-born: number 2 has no known stay before it, so is not booked.
   */
  stamp->pcount += stamp->pcount ? 1 : 2;
}

SEC("tp_btf/sched_wakeup")
int BPF_PROG(woken, struct task_struct* p) {
  struct stamp* stamp = stamp_of(p);
  if (stamp && !stamp->queued_at) stamp->queued_at = bpf_ktime_get_ns();
  return 0;
}

SEC("tp_btf/sched_wakeup_new")
int BPF_PROG(born, struct task_struct* p) {
  struct stamp* stamp = stamp_of(p);
  if (!stamp) return 0;
  stamp->queued_at = bpf_ktime_get_ns();
  stamp->pcount = 0;
  return 0;
}
