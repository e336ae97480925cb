/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/* What sampler.bpf.c keeps and user space maps. Times in ns. */
#pragma once
#include <linux/types.h>

/* Log-linear histogram: 16 steps an octave, so the middle of a step is at most 3.2 % off what fell into it;
 * below 256 ns a step is 16 ns wide, and the last one holds everything from 66 s on. A group is what one
 * octave has. */
#define LL_UNIT_BITS 4
#define LL_STEPS 16
#define LL_GROUPS 29
#define LL_CELLS (LL_STEPS * LL_GROUPS)

enum sampler_measure {
  SAMPLER_LATENCY, /* runnable, until it got a CPU, without the time for which a quota held it */
  SAMPLER_SLICE,   /* on a CPU, from switch to switch */
  SAMPLER_OFF_CPU, /* between two slices, waiting included */
  SAMPLER_MEASURES,
};

enum sampler_by { SAMPLER_BY_NOTHING, SAMPLER_BY_TASK, SAMPLER_BY_PROCESS, SAMPLER_BY_CGROUP };

#define SAMPLER_PMCS 6
#define SAMPLER_PROCESSES 8
#define SAMPLER_COMM 16

/* Set before the programs are loaded, constant from then on. */
struct sampler_settings {
  __u64 outlier_ns; /* 0: none are reported */
  __u64 cgroup;     /* only tasks in it or below it; 0: all */
  __u32 cgroup_v1;  /* 1: cgroups are the cpu controller's of version 1 */
  __u32 by;
  __u32 stamps;       /* 1: by stamps of our own; 0: by the kernel's sched_info */
  __u32 task_mask;    /* sets of `tasks`, less one */
  __u32 row_mask;     /* sets of `rows`, less one */
  __u32 sample_every; /* 1: every stay on a CPU; N: one in N of each task's */
  __u32 budget_ppm;   /* of each CPU's time; 0: no limit */
  __u32 cpus;
  __u32 pmcs;
  __u32 pid_ns;    /* inode of the PID namespace that numbers of tasks are meant in; 0: the initial one */
  __u64 opened_ns; /* CLOCK_MONOTONIC */
  __u32 spare;
  __u32 processes; /* 0: all */
  __u32 process[SAMPLER_PROCESSES];
};

struct sampler_pmc {
  __u64 value, enabled, running;
};

/* Where a task stood when it last left a CPU. */
struct sampler_task {
  __u64 left_at;
  __u64 run_delay;
  __u64 pcount;
  __u64 voluntary, involuntary, wakeups, migrations;
  __u64 key;
  __u64 queue; /* address of the cfs_rq on which a quota can hold it while it waits; 0: none */
  __u64 held;  /* the quotas' account of that queue when the wait began */
  __u32 row;
  __u32 waker;
  char waker_comm[SAMPLER_COMM];
};

#define SAMPLER_WAYS 4
struct sampler_set {
  __u64 tag[SAMPLER_WAYS]; /* identity of the task: its number and when it started; 0: free */
  struct sampler_task task[SAMPLER_WAYS];
};

struct sampler_counters {
  __u64 voluntary, involuntary, wakeups, migrations;
  __u64 throttles, throttled_ns; /* waits that a quota held up, and for how long */
  struct sampler_pmc pmc[SAMPLER_PMCS];
};

#define SAMPLER_CLAIMED (~0ull) /* as a key: changes hands just now; no task, process or cgroup has it */

struct sampler_row {
  __u64 key;  /* 0: free. Tasks and processes: start time << 22 | number; cgroups: their id */
  __u64 born; /* differs whenever the row has changed hands */
  __u64 last; /* of the latest booking, on the run queue's clock */
  __u64 cgroup;
  __u32 tid,
      tgid; /* of the task or process, by its PID namespace; 0: not in it. Cgroups: of a task met in it */
  __u32 exited;
  __u32 spare;
  char comm[SAMPLER_COMM];
  struct sampler_counters counters;
  __u64 sum[SAMPLER_MEASURES], max[SAMPLER_MEASURES];
  __u32 touched[SAMPLER_MEASURES]; /* a bit per group that has counts */
  __u32 spare2;
  __u32 cells[SAMPLER_MEASURES][LL_CELLS];
};

/* One CPU's share, written by that CPU alone. */
struct sampler_cpu {
  __u64 ignored; /* set by user space: leave this CPU alone */
  __u64 events;  /* switches seen */
  /* Written together at the beginning of each switch, for all tasks, whoever is looked at. */
  __u64 since;     /* of this switch, on the run queue's clock */
  __u64 ran;       /* time tasks other than the idle one had this CPU */
  __u64 on_cpu;    /* key of who has it now; 0: the idle task */
  __u64 clock_lag; /* CLOCK_MONOTONIC less the run queue's clock, when it was last looked at */
  __u64 quotas;    /* a quota has held a queue here: wake-ups have to be looked at (kernels before 6.18) */
  __u64 booked;    /* stays on this CPU that were measured */
  __u64 skipped;   /* by sampling one in N */
  __u64 rowless;   /* booked here, but not to a key's row */
  __u64 evicted;   /* rows taken from a key that still lives */
  __u64 retired;   /* rows taken from tasks that have exited */
  __u64 forgotten; /* live tasks that `tasks` had no room for: their next stay is not measured */
  __u64 wrapped;   /* a row's cell passed 2^32 */
  __u64 lost;      /* outliers the ring had no room for */
  __u64 serial;    /* of rows claimed here */
  /* The programs' own cost: one event in 256 is timed. */
  __u64 timed, timed_ns;
  __u64 shed; /* 0: all; 1: no counters; 2: no rows either; N+2: one in 2^N as well */
  __u64 window_at, window_events, window_timed, window_timed_ns;
  struct sampler_pmc pmc_at[SAMPLER_PMCS]; /* at the last switch */
  struct sampler_counters counters;
  __u64 sum[SAMPLER_MEASURES], max[SAMPLER_MEASURES];
  __u64 cells[SAMPLER_MEASURES][LL_CELLS];
};

struct sampler_event {
  __u64 at;        /* CLOCK_MONOTONIC */
  __u64 latency;   /* how long the task waited for a CPU */
  __u64 throttled; /* how long a quota held it besides */
  __u64 ran;       /* how long the one before it had the CPU */
  __u32 tid, tgid, cpu;
  __u32 waker;      /* 0: not known */
  __u32 before_tid; /* 0: the CPU was idle, or the wait for it was no outlier but the quota's part was */
  __u32 spare;
  char comm[SAMPLER_COMM], waker_comm[SAMPLER_COMM], before_comm[SAMPLER_COMM];
};
