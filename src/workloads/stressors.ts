import { FAIRNESS, latencyMetrics, SYSTEM_METRICS, throughputMetrics } from './common.js';
import type { Parameter, Workload } from './types.js';

const count = (value: number, max: number, meaning: string): Parameter => ({
  unit: 'count',
  default: value,
  min: 0,
  max,
  meaning,
});
const flag = (meaning: string): Parameter => count(0, 1, `1: ${meaning}`);
const ns = (value: number, min: number, meaning: string): Parameter => ({
  unit: 'ns',
  default: value,
  min,
  max: 10_000_000_000,
  meaning,
});

/** Hogs, periodic tasks, forks and churn in any mix: what a policy is probed with. */
export const stressors: Workload = {
  name: 'stressors',
  summary:
    'any mix of hogs, periodic tasks, forks, real-time load and churn, to find what a scheduler forgets',
  kind: 'builtin',
  labOnly: true,
  packages: [],
  files: [],
  parameters: {
    hogs: count(4, 256, 'tasks that never sleep'),
    nice: count(0, 19, 'nice value of every second hog'),
    late_ns: ns(0, 0, 'how long every second hog sleeps before it begins'),
    wakers: count(1, 256, 'periodic tasks'),
    interval_ns: ns(2_000_000, 50_000, 'their mean period'),
    work_loops: count(200, 1_000_000, 'their work at each wake-up'),
    pinned: count(0, 64, 'CPUs that each periodic task keeps to, the next one to the next; 0: all'),
    forkers: count(0, 64, 'tasks that make processes and wait for their end'),
    rt_percent: count(0, 90, 'share of a CPU that a SCHED_FIFO task takes, percent'),
    churn_ns: ns(5_000_000, 100_000, 'period of what follows'),
    affinity: flag('hogs get other CPUs'),
    cgroups: flag('hogs move into new cgroups, old ones are removed'),
    hotplug: flag('the last CPU goes and comes'),
    kernel_work: flag('every CPU’s kernel worker has something to do'),
  },
  memoryMib: 256,
  warmupNs: 100_000_000,
  windowNs: 1_000_000_000,
  metrics: {
    ...latencyMetrics('wakeup', 'how late a periodic task ran'),
    ...latencyMetrics('kthread', 'how long all kernel workers took'),
    ...throughputMetrics('loops of hog work'),
    ...FAIRNESS,
    weight_ratio: {
      unit: 'ratio',
      direction: 'none',
      meaning: 'CPU time of the hogs of nice 0 by that of the others',
    },
    longest_wait_ns: { unit: 'ns', direction: 'lower', meaning: 'longest time a hog did not run' },
    forks_made: { unit: 'count', direction: 'none', meaning: 'processes made' },
    fork_errors: { unit: 'count', direction: 'lower', meaning: 'processes that could not be made' },
    memory_taken_bytes: { unit: 'count', direction: 'lower', meaning: 'free memory the window cost, bytes' },
    ...SYSTEM_METRICS,
  },
  objective: 'wakeup_p99_ns',
  slo: [],
  guardrails: [],
};
