import type { Metric } from './types.js';

const ns = (meaning: string, direction: Metric['direction'] = 'lower'): Metric => ({
  unit: 'ns',
  direction,
  meaning,
});

/** A percentile out of the sampler's log-linear histogram, of which an octave has 16 steps. */
const histogram = (meaning: string, direction?: Metric['direction']): Metric => ({
  ...ns(`${meaning} (histogram, 3.2 %)`, direction),
  resolution: 1 / 16,
});

/** The figures of one latency family: exact percentiles of raw samples. */
export const latencyMetrics = (family: string, what: string): Record<string, Metric> => ({
  [`${family}_p50_ns`]: ns(`${what}, median`),
  [`${family}_p95_ns`]: ns(`${what}, 95th percentile`),
  [`${family}_p99_ns`]: ns(`${what}, 99th percentile`),
  [`${family}_p999_ns`]: ns(`${what}, 99.9th percentile`),
  [`${family}_max_ns`]: ns(`${what}, longest`),
  [`${family}_mean_ns`]: ns(`${what}, mean`),
  [`${family}_samples`]: { unit: 'count', direction: 'none', meaning: `number of samples: ${what}` },
});

/** What every window reports, whatever the load. */
export const SYSTEM_METRICS: Readonly<Record<string, Metric>> = {
  switches_per_s: { unit: 'per_s', direction: 'none', meaning: 'context switches of the whole machine' },
  migrations_per_s: { unit: 'per_s', direction: 'none', meaning: 'tasks moved to another CPU' },
  forks_per_s: { unit: 'per_s', direction: 'none', meaning: 'processes and threads made' },
  cpu_time_ns: { unit: 'ns', direction: 'none', meaning: 'CPU time all tasks used in the window' },
  idle_share: { unit: 'share', direction: 'none', meaning: 'part of the CPUs’ time nobody used' },
  runq_waiting: {
    unit: 'count',
    direction: 'lower',
    meaning: 'tasks waiting on a run queue, mean over time',
  },
  runq_latency_p50_ns: histogram('run-queue latency of all tasks, median'),
  runq_latency_p99_ns: histogram('run-queue latency of all tasks, 99th percentile'),
  runq_latency_p999_ns: histogram('run-queue latency of all tasks, 99.9th percentile'),
  runq_latency_mean_ns: ns('run-queue latency of all tasks, mean'),
  slice_p50_ns: histogram('how long a task runs before it leaves its CPU, median', 'none'),
  slice_p99_ns: histogram('how long a task runs before it leaves its CPU, 99th percentile', 'none'),
  service_jain: {
    unit: 'ratio',
    direction: 'higher',
    meaning: 'Jain’s index of the share of its runnable time each task ran (tasks runnable for 1 ms or more)',
  },
  cycles_per_s: {
    unit: 'per_s',
    direction: 'none',
    meaning: 'CPU cycles of all tasks a second (arm64 guests, which have a PMU)',
  },
  instructions_per_s: {
    unit: 'per_s',
    direction: 'none',
    meaning: 'instructions of all tasks a second (arm64 guests of one CPU)',
  },
  ipc: { unit: 'ratio', direction: 'none', meaning: 'instructions a cycle (arm64 guests of one CPU)' },
  queued_mean: { unit: 'count', direction: 'lower', meaning: 'tasks queued behind another, mean over time' },
  idle_while_queued_share: {
    unit: 'share',
    direction: 'lower',
    meaning: 'part of the window in which a CPU was idle while a task waited on another',
  },
};

/** Work done, and the same corrected for the lab's pooled clock (an idle CPU lends its speed to the busy ones). */
export const throughputMetrics = (what: string): Record<string, Metric> => ({
  throughput_per_s: { unit: 'per_s', direction: 'higher', meaning: `${what} a second` },
  throughput_corrected_per_s: {
    unit: 'per_s',
    direction: 'higher',
    meaning: `${what} a second × the share of CPU time that was busy`,
  },
});

export const FAIRNESS: Readonly<Record<string, Metric>> = {
  fairness_jain: {
    unit: 'ratio',
    direction: 'higher',
    meaning: 'Jain’s index of what equal tasks got: 1 is equal, 1/n is one took all',
  },
};

/** A load that trades its throughput away is not tuned, it is throttled. */
export const KEEP_THROUGHPUT = {
  metric: 'throughput_per_s',
  rule: 'at least × default',
  value: 0.85,
  why: 'a latency bought with more than 15 % of the work is no gain',
} as const;
