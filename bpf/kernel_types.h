/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/* The few kernel types the sampler reads, by the kernel's names; the loader finds the places of the fields in
 * the running kernel's own types. */
#pragma once
#include <linux/types.h>

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct rq {
  __u64 clock;
};

struct cfs_rq {
  struct rq* rq;
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

struct task_struct {
  int pid;
  int tgid;
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
