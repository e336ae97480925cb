import { latencyMetrics, SYSTEM_METRICS, throughputMetrics } from './common.js';
import type { Workload } from './types.js';

/** stress-ng's fork stressor. */
export const forkstorm: Workload = {
  name: 'forkstorm',
  summary: 'processes made and ended as fast as can be (stress-ng --fork), beside one periodic task',
  kind: 'command',
  packages: ['stress-ng'],
  files: ['/usr/bin/stress-ng'],
  parameters: {
    stressors: { unit: 'count', default: 4, min: 1, max: 64, meaning: 'fork stressors' },
    interval_ns: {
      unit: 'ns',
      default: 2_000_000,
      min: 50_000,
      max: 10_000_000_000,
      meaning: 'mean period of the waking task',
    },
    work_loops: { unit: 'count', default: 200, min: 0, max: 1_000_000, meaning: 'work of the waking task' },
  },
  memoryMib: 256,
  warmupNs: 500_000_000,
  windowNs: 1_000_000_000,
  metrics: {
    ...latencyMetrics('wakeup', 'how late the periodic task ran'),
    ...throughputMetrics('processes made'),
    ...SYSTEM_METRICS,
  },
  objective: 'throughput_per_s',
  slo: [],
  guardrails: [
    {
      metric: 'wakeup_p99_ns',
      rule: 'at most × default',
      value: 3,
      why: 'forks must not be bought with a starving bystander',
    },
  ],
};
