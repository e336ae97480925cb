// SPDX-License-Identifier: (MIT OR GPL-2.0-only)
// Scheduling latency of every task from one hook, without a clock reading. The kernel keeps, for
// /proc/PID/schedstat, how long a task has waited in all and when it last got a CPU (struct sched_info), and
// its run queue has read the clock just before sched_switch. So what happened since a task's last switch is
// known when it is switched out again: the waiting by which its sum has grown, the stay on the CPU that ends
// now, and the time away before it.
#include "sampler.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <linux/bpf.h>

#include "kernel_types.h"
#include "log_linear.h"
#include "sampler_names.h"
#include "sampler_outliers.h"
#include "sampler_pmc.h"
#include "sampler_quota.h"
#include "sampler_self.h"
#include "sampler_stamps.h"
#include "sampler_tables.h"

#define TASK_DEAD 0x80
#define MAX_DEPTH 16  // of cgroups; those further down are not told from their ancestors

// Rows of processes and cgroups are written by several CPUs at once.
static __always_inline void add(__u64* sum, __u64 value) {
  if (settings.by == SAMPLER_BY_TASK)
    *sum += value;
  else
    __sync_fetch_and_add(sum, value);
}

static __always_inline void add_to_cell(struct sampler_cpu* cpu, __u32* cell, __u32 weight) {
  __u32 before;
  if (settings.by == SAMPLER_BY_TASK) {
    before = *cell;
    *cell = before + weight;
  } else {
    before = __sync_fetch_and_add(cell, weight);
  }
  if (before + weight < before) cpu->wrapped++;
}

static __always_inline void measure(struct sampler_cpu* cpu, struct sampler_row* row,
                                    enum sampler_measure what, __u64 ns, __u32 weight) {
  const __u32 cell = cell_of(ns);
  if (cell >= LL_CELLS) return;
  cpu->cells[what][cell] += weight;
  cpu->sum[what] += ns * weight;
  if (ns > cpu->max[what]) cpu->max[what] = ns;
  if (!row) return;
  add_to_cell(cpu, &row->cells[what][cell], weight);
  add(&row->sum[what], ns * weight);
  if (ns > row->max[what]) row->max[what] = ns;
  const __u32 group = 1u << (cell / LL_STEPS);
  if (!(row->touched[what] & group)) __sync_fetch_and_or(&row->touched[what], group);
}

static __always_inline void add_pmc(struct sampler_row* row, const struct pmc_deltas* deltas, __u32 weight) {
  for (__u32 i = 0; i < SAMPLER_PMCS && i < settings.pmcs; i++) {
    add(&row->counters.pmc[i].value, deltas->at[i].value * weight);
    add(&row->counters.pmc[i].enabled, deltas->at[i].enabled * weight);
    add(&row->counters.pmc[i].running, deltas->at[i].running * weight);
  }
}

static __always_inline void add_throttled(struct sampler_cpu* cpu, struct sampler_row* row, __u64 ns,
                                          __u32 weight) {
  cpu->counters.throttles += weight;
  cpu->counters.throttled_ns += ns * weight;
  if (!row) return;
  add(&row->counters.throttles, weight);
  add(&row->counters.throttled_ns, ns * weight);
}

static __always_inline struct sampler_row* row_of(struct sampler_cpu* cpu, const struct task_struct* p,
                                                  struct sampler_task* task) {
  if (settings.by == SAMPLER_BY_NOTHING || cpu->shed >= SHED_ROWS) return 0;
  if (settings.by == SAMPLER_BY_CGROUP) task->key = cgroup_id_of(p);
  const __u64 key = task->key;
  const __u32 index = task->row;
  struct sampler_row* row = bpf_map_lookup_elem(&rows, &index);
  if (row && row->key == key) return row;
  return find_row(cpu, p, key, &task->row);
}

// The kernel's own counts have grown since the task's last switch that was looked at, which need not be its
// last one.
static __always_inline void count(struct sampler_cpu* cpu, struct sampler_row* row,
                                  const struct task_struct* p, struct sampler_task* task, bool blocked) {
  const __u64 voluntary = p->nvcsw, involuntary = p->nivcsw, migrations = p->se.nr_migrations;
  const __u64 wakeups = voluntary - blocked;  // each sleep but the one that begins now has ended
  cpu->counters.voluntary += voluntary - task->voluntary;
  cpu->counters.involuntary += involuntary - task->involuntary;
  cpu->counters.wakeups += wakeups - task->wakeups;
  cpu->counters.migrations += migrations - task->migrations;
  if (row) {
    add(&row->counters.voluntary, voluntary - task->voluntary);
    add(&row->counters.involuntary, involuntary - task->involuntary);
    add(&row->counters.wakeups, wakeups - task->wakeups);
    add(&row->counters.migrations, migrations - task->migrations);
  }
  task->voluntary = voluntary;
  task->involuntary = involuntary;
  task->wakeups = wakeups;
  task->migrations = migrations;
}

// First met: what it did before this stay is not ours to count, unless it was born just now.
static __always_inline void meet(const struct task_struct* p, struct sampler_task* task,
                                 const struct stay* stay, __u64 tag) {
  task->key = settings.by == SAMPLER_BY_PROCESS ? tag_of(p->group_leader) : tag;
  task->voluntary = p->nvcsw - stay->blocked;
  task->involuntary = p->nivcsw - !stay->blocked;
  task->wakeups = task->voluntary;
  task->migrations = p->se.nr_migrations;
  task->pcount = stay->pcount == 1 ? 0 : stay->pcount;
}

static __always_inline void book(struct sampler_cpu* cpu, const struct task_struct* p,
                                 const struct stay* stay, unsigned int state, const struct pmc_deltas* pmc) {
  const __u32 every = one_in(cpu);
  if (every > 1 &&
      stay->pcount % every > 1) {  // the stay before a booked one is looked at too, as its beginning
    cpu->skipped++;
    return;
  }
  struct sampler_set* set = set_of(p);
  if (!set) return;
  const __u64 tag = tag_of(p);
  struct sampler_task* task = find_task(set, tag);
  if (!task) {
    task = new_task(cpu, set, tag);
    if (!task) return;
    meet(p, task, stay, tag);
  }
  struct sampler_row* row = row_of(cpu, p, task);
  const __u64 waited = stay->run_delay - task->run_delay;
  const __u64 away = stay->arrived - task->left_at;
  const bool whole = stay->pcount == task->pcount + 1;
  if (whole && (every == 1 || stay->pcount % every == 1)) {
    cpu->booked++;
    if (!row) cpu->rowless++;
    const __u64 held = held_of(p, task, waited);
    if (held) add_throttled(cpu, row, held, every);
    if ((__s64)waited >= 0) measure(cpu, row, SAMPLER_LATENCY, waited - held, every);
    if (task->left_at && (__s64)away >= 0) measure(cpu, row, SAMPLER_OFF_CPU, away, every);
    measure(cpu, row, SAMPLER_SLICE, stay->now - stay->arrived, every);
    if (row) add_pmc(row, pmc, every);
  }
  count(cpu, row, p, task, stay->blocked);
  expect_quota(cpu, p, task, stay->blocked);
  task->left_at = stay->now;
  task->run_delay = stay->run_delay;
  task->pcount = stay->pcount;
  if (row) row->last = stay->now;
  if (state & TASK_DEAD) {
    free_task(set, task, tag);
    if (row && settings.by == SAMPLER_BY_TASK) row->exited = 1, row->last = 0;
  }
}

// Whether a cgroup or one of those it is in has this id.
static __always_inline bool is_below(const struct cgroup* cgroup, __u64 id) {
  const void* ancestors = (const void*)cgroup + bpf_core_field_offset(struct cgroup, ancestors);
  const int level = cgroup->level;
  for (int i = 0; i < MAX_DEPTH && i <= level; i++) {
    struct cgroup* above = 0;
    bpf_probe_read_kernel(&above, sizeof above, ancestors + i * sizeof above);
    if (above && BPF_CORE_READ(above, kn, id) == id) return true;
  }
  return false;
}

static __always_inline bool wanted(const struct task_struct* p) {
  if (p->pid == 0) return false;
  if (settings.processes) {
    bool found = false;
    const __u32 tgid = process_of(p);
    for (__u32 i = 0; i < SAMPLER_PROCESSES && i < settings.processes; i++)
      if (settings.process[i] == tgid) found = true;
    if (!found) return false;
  }
  if (settings.cgroup && !is_below(cgroup_of(p), settings.cgroup)) return false;
  return true;
}

/* Of the row that this task is booked to; 1 where there are none. */
static __always_inline __u64 key_of(const struct task_struct* p) {
  switch (settings.by) {
    case SAMPLER_BY_TASK:
      return tag_of(p);
    case SAMPLER_BY_PROCESS:
      return tag_of(p->group_leader);
    case SAMPLER_BY_CGROUP:
      return cgroup_id_of(p);
    default:
      return 1;
  }
}

SEC("tp_btf/sched_switch")
int BPF_PROG(switched, bool preempt, struct task_struct* prev, struct task_struct* next, unsigned int state) {
  struct sampler_cpu* cpu = this_cpu();
  if (!cpu || cpu->ignored) return 0;
  cpu->events++;
  const __u64 from = start_timing(cpu);
  struct pmc_deltas pmc;
  if (settings.pmcs) read_pmc(cpu, prev->pid != 0, &pmc);
  const bool blocked = !preempt && state;
  struct stay stay = {.blocked = blocked};
  if (settings.stamps)
    stamp_switch(prev, next, &stay);
  else if (prev->pid)
    read_sched_info(prev, &stay);
  else
    stay.now = clock_of(next);
  hand_over(cpu, prev->pid != 0, stay.now, next->pid ? key_of(next) : 0, from);
  if (wanted(prev)) book(cpu, prev, &stay, state, &pmc);
  if (settings.outlier_ns && wanted(next)) watch(cpu, prev, next, &stay);
  if (from) stop_timing(cpu, from);
  return 0;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
