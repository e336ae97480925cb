import type { HostKnob } from './types.js';

/** Knobs that only a running machine has. Their values before a change are read from the machine. */
export const HOST_KNOBS: readonly HostKnob[] = [
  {
    name: 'slice_ns',
    unit: 'ns',
    min: 100_000,
    max: 100_000_000,
    scale: 'log',
    home: 'task',
    classes: ['eevdf'],
    risk: 'low',
    meaning:
      'Turn that each task of the scope asks for, in place of the kernel’s base_slice_ns (Linux 6.12 and later). ' +
      'Short: earlier deadlines and quick turns, more switches. Long: fewer switches, longer waits behind others.',
    source: 'kernel 6.12, kernel/sched/syscalls.c (__setparam_fair holds it to this range)',
  },
  {
    name: 'cpu_weight',
    unit: 'count',
    min: 1,
    max: 10_000,
    scale: 'log',
    home: 'cgroup',
    classes: ['cfs', 'eevdf'],
    risk: 'medium',
    meaning:
      'Share of the CPU that the scope’s cgroup gets against its siblings, 100 being one part: cpu.weight, or ' +
      'cpu.shares × 100 / 1024. Low: it waits when others are busy. High: the others wait.',
    source: 'kernel, Documentation/admin-guide/cgroup-v2.rst (cpu.weight)',
  },
  {
    name: 'sched_autogroup_enabled',
    unit: 'count',
    min: 0,
    max: 1,
    scale: 'linear',
    home: 'sysctl',
    classes: ['cfs', 'eevdf'],
    risk: 'medium',
    meaning:
      'With 1, the tasks of each session share one part of the CPU, so a session of many tasks cannot crowd out ' +
      'the others. With 0, every task of the root cgroup counts for itself.',
    source: 'sched(7), “The autogroup feature”',
  },
  {
    name: 'sched_cfs_bandwidth_slice_us',
    unit: 'us',
    min: 1_000,
    max: 100_000,
    scale: 'log',
    home: 'sysctl',
    classes: ['cfs', 'eevdf'],
    risk: 'low',
    meaning:
      'Run time a CPU takes at once from the quota of a cgroup that has one. Low: quotas are met closely, at more ' +
      'locking. High: less locking, and quota may be stranded on CPUs that have no use for it.',
    source: 'kernel, Documentation/scheduler/sched-bwc.rst (5 ms by default); range ours',
  },
];
