/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/* The few kernel types the sampler reads, by the kernel's names; the loader finds the places of the fields in
 * the running kernel's own types. */
#pragma once
#include <linux/types.h>

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct rq {
  __u64 clock;
  __u64 clock_pelt, lost_idle_time;
};

struct task_group;

/* What a quota does to it: in nanoseconds of the queue's clock from about Linux 6.6 on (`_self`), before that
 * of the clock of PELT. */
struct cfs_rq {
  struct rq* rq;
  struct task_group* tg;
  int throttle_count;
  __u64 throttled_clock_pelt, throttled_clock_pelt_time;
  __u64 throttled_clock_self, throttled_clock_self_time;
};

struct sched_entity {
  __u64 nr_migrations;
  struct cfs_rq* cfs_rq;
};

struct sched_info {
  unsigned long pcount;
  unsigned long long run_delay;
  unsigned long long last_arrival;
  unsigned long long last_queued;
};

struct kernfs_node {
  __u64 id;
};

struct cgroup {
  int level;
  struct kernfs_node* kn;
  struct cgroup* ancestors[];
};

struct css_set {
  struct cgroup* dfl_cgrp;
};

struct cgroup_subsys_state {
  struct cgroup* cgroup;
};

struct task_group {
  struct cgroup_subsys_state css;
};

struct ns_common {
  unsigned int inum;
};

struct pid_namespace {
  struct ns_common ns;
};

struct upid {
  int nr;
  struct pid_namespace* ns;
};

struct pid {
  unsigned int level;
  struct upid numbers[];
};

struct task_struct {
  int pid;
  int tgid;
  int prio;
  _Bool throttled; /* from Linux 6.18 on: a quota took it off its queue */
  struct pid* thread_pid;
  __u64 start_time;
  struct task_struct* group_leader;
  struct sched_entity se;
  struct sched_info sched_info;
  unsigned long nvcsw, nivcsw;
  struct css_set* cgroups;
  struct task_group* sched_task_group;
  char comm[16];
};

#pragma clang attribute pop
