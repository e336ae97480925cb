// SPDX-License-Identifier: (MIT OR GPL-2.0-only)
// How long tasks waited while another CPU had nothing to do. At every event that changes who runs or waits, the
// number of runnable tasks of every CPU is read from its run queue and the state since the last event is summed
// up. Reading all of them, rather than keeping count, needs no start value and cannot drift when the load
// balancer moves tasks without an event of their own.
#include <linux/bpf.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "runq.h"

// Only what is read, by the kernel's names; libbpf finds the places in the running kernel's types.
struct cfs_rq {
  unsigned int h_nr_queued;
  unsigned int h_nr_runnable;
  unsigned int h_nr_delayed;
} __attribute__((preserve_access_index));

struct rq {
  unsigned int nr_running;
  struct cfs_rq cfs;
} __attribute__((preserve_access_index));

extern const struct rq runqueues __ksym;

// A bound for the verifier; a CPU beyond it is not looked at.
#define MAX_CPUS 64

const volatile unsigned int cpus = 1;  // possible CPUs

struct runq_state state;

// From 6.12 on, EEVDF leaves a task that went to sleep on the queue until its lag has run out, and nr_running
// counts it. It is not waiting.
static unsigned int asleep(const struct cfs_rq* cfs) {
  if (bpf_core_field_exists(cfs->h_nr_runnable)) return cfs->h_nr_queued - cfs->h_nr_runnable;
  if (bpf_core_field_exists(cfs->h_nr_delayed)) return cfs->h_nr_delayed;
  return 0;
}

static void sum_up(void) {
  unsigned int queued = 0, without = 0;
  for (unsigned int cpu = 0; cpu < MAX_CPUS && cpu < cpus; cpu++) {
    const struct rq* rq = bpf_per_cpu_ptr(&runqueues, cpu);
    if (!rq) break;
    const unsigned int runnable = rq->nr_running - asleep(&rq->cfs);
    if (runnable == 0) without++;
    else queued += runnable - 1;
  }
  const __u64 now = bpf_ktime_get_ns();
  const __s64 lasted = now - __sync_lock_test_and_set(&state.at, now);
  if (lasted > 0) {  // else another CPU was here since `now` was read
    __sync_fetch_and_add(&state.queued_ns, lasted * state.queued);
    __sync_fetch_and_add(&state.stranded_ns, lasted * state.stranded);
  }
  state.queued = queued;
  state.stranded = without > 0 && queued > 0;
}

SEC("tp_btf/sched_wakeup")
int woken(void* ctx) {
  sum_up();
  return 0;
}

SEC("tp_btf/sched_wakeup_new")
int forked(void* ctx) {
  sum_up();
  return 0;
}

SEC("tp_btf/sched_switch")
int switched(void* ctx) {
  sum_up();
  return 0;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
