/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/* The sampler's memory: arrays of fixed size, four places to a set, the one unused for longest given away. A
 * look-up is a few loads: no lock, no allocation, and user space maps all of it. */
#pragma once
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <stdbool.h>

#include "kernel_types.h"
#include "sampler.h"

const volatile struct sampler_settings settings = {.sample_every = 1, .cpus = 1};

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(map_flags, BPF_F_MMAPABLE);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, struct sampler_cpu);
} cpus SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, struct sampler_set);
} tasks SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(map_flags, BPF_F_MMAPABLE);
  __uint(max_entries, SAMPLER_WAYS);
  __type(key, __u32);
  __type(value, struct sampler_row);
} rows SEC(".maps");

/* What a row is overwritten with when it changes hands: all zero, but its key is SAMPLER_CLAIMED. */
struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, struct sampler_row);
} blank SEC(".maps");

static __always_inline struct sampler_cpu* this_cpu(void) {
  const __u32 cpu = bpf_get_smp_processor_id();
  return bpf_map_lookup_elem(&cpus, &cpu);
}

/* A number is given to one task after another, at another time. 2^42 ns on, the time starts over. */
static __always_inline __u64 tag_of(const struct task_struct* p) {
  return p->start_time << 22 | p->pid;
}

/* The cgroup by which tasks are told apart: of version 2, or of version 1's cpu controller. */
static __always_inline struct cgroup* cgroup_of(const struct task_struct* p) {
  return settings.cgroup_v1 ? p->sched_task_group->css.cgroup : p->cgroups->dfl_cgrp;
}

#define ROOT_CGROUP 1

/* The group of a session that autogroup made is no cgroup: its tasks are in the root. */
static __always_inline __u64 cgroup_id_of(const struct task_struct* p) {
  const __u64 id = cgroup_of(p)->kn->id;
  return id ? id : ROOT_CGROUP;
}

#define PID_NS_LEVELS 33 /* MAX_PID_NS_LEVEL and the initial one */

/* A task's number in our PID namespace; 0: it is not in there. */
static __noinline __u32 number_in_ns(const struct task_struct* p) {
  const struct pid* pid = p->thread_pid;
  const void* numbers = (const void*)pid + bpf_core_field_offset(struct pid, numbers);
  const __u32 level = pid->level;
  for (__u32 i = 0; i < PID_NS_LEVELS && i <= level; i++) {
    const struct upid* at = numbers + i * bpf_core_type_size(struct upid);
    if (BPF_CORE_READ(at, ns, ns.inum) == settings.pid_ns) return BPF_CORE_READ(at, nr);
  }
  return 0;
}

static __always_inline __u32 number_of(const struct task_struct* p) {
  return settings.pid_ns && p->pid ? number_in_ns(p) : p->pid;
}

static __always_inline __u32 process_of(const struct task_struct* p) {
  return settings.pid_ns && p->pid ? number_in_ns(p->group_leader) : p->tgid;
}

static __always_inline struct sampler_set* set_of(const struct task_struct* p) {
  const __u32 set = p->pid & settings.task_mask;
  return bpf_map_lookup_elem(&tasks, &set);
}

static __always_inline struct sampler_task* find_task(struct sampler_set* set, __u64 tag) {
  if (set->tag[0] == tag) return &set->task[0];
  if (set->tag[1] == tag) return &set->task[1];
  if (set->tag[2] == tag) return &set->task[2];
  if (set->tag[3] == tag) return &set->task[3];
  return 0;
}

/* A place for a task that is met for the first time. Another CPU may still be booking for the task that loses
 * it; what that can spoil are differences, and book() takes only those that can be. */
static __noinline struct sampler_task* new_task(struct sampler_cpu* cpu, struct sampler_set* set, __u64 tag) {
  __u32 victim = 0;
  __u64 oldest = ~0ull;
  for (__u32 way = 0; way < SAMPLER_WAYS; way++) {
    if (set->task[way].left_at >= oldest) continue;
    oldest = set->task[way].left_at;
    victim = way;
  }
  const __u64 old = set->tag[victim];
  if (__sync_val_compare_and_swap(&set->tag[victim], old, tag) != old) return 0;
  if (old) cpu->forgotten++;
  __builtin_memset(&set->task[victim], 0, sizeof(struct sampler_task));
  return &set->task[victim];
}

/* As good as never used. */
static __always_inline void free_task(struct sampler_set* set, struct sampler_task* task, __u64 tag) {
  task->left_at = 0;
  if (set->tag[0] == tag) set->tag[0] = 0;
  if (set->tag[1] == tag) set->tag[1] = 0;
  if (set->tag[2] == tag) set->tag[2] = 0;
  if (set->tag[3] == tag) set->tag[3] = 0;
}

/* The key's row, made where there is none. Two CPUs may make one each at once: who sees the other's gives its
 * own back, and that stay is booked to no row. */
static __noinline struct sampler_row* find_row(struct sampler_cpu* cpu, const struct task_struct* p,
                                               __u64 key, __u32* at) {
  const __u32 first = (key & settings.row_mask) * SAMPLER_WAYS;
  __u32 victim = first;
  __u64 oldest = ~0ull;
  for (__u32 way = 0; way < SAMPLER_WAYS; way++) {
    const __u32 index = first + way;
    struct sampler_row* row = bpf_map_lookup_elem(&rows, &index);
    if (!row) return 0;
    if (row->key == key) {
      *at = index;
      return row;
    }
    if (row->last >= oldest) continue;
    oldest = row->last;
    victim = index;
  }
  struct sampler_row* row = bpf_map_lookup_elem(&rows, &victim);
  if (!row) return 0;
  const __u64 old = row->key;
  if (old == SAMPLER_CLAIMED || __sync_val_compare_and_swap(&row->key, old, SAMPLER_CLAIMED) != old) return 0;
  if (row->exited)
    cpu->retired++;
  else if (old)
    cpu->evicted++;
  if (row->born) {
    const __u32 only = 0;
    const void* empty = bpf_map_lookup_elem(&blank, &only);
    if (empty) bpf_map_update_elem(&rows, &victim, empty, BPF_EXIST);
  }
  row->born = ++cpu->serial << 16 | bpf_get_smp_processor_id();
  const struct task_struct* named = settings.by == SAMPLER_BY_PROCESS ? p->group_leader : p;
  row->tid = number_of(named);
  row->tgid = process_of(p);
  row->cgroup = cgroup_id_of(p);
  __builtin_memcpy(row->comm, (const void*)named->comm, SAMPLER_COMM);
  __sync_lock_test_and_set(&row->key, key);
  if (settings.by != SAMPLER_BY_TASK) {
    for (__u32 way = 0; way < SAMPLER_WAYS; way++) {
      const __u32 index = first + way;
      const struct sampler_row* other = bpf_map_lookup_elem(&rows, &index);
      if (!other || other->key != key || index == victim) continue;
      row->key = 0;
      return 0;
    }
  }
  *at = victim;
  return row;
}
