import { FAIRNESS, KEEP_THROUGHPUT, latencyMetrics, SYSTEM_METRICS, throughputMetrics } from './common.js';
import type { Workload } from './types.js';

/** Hogs and one periodic task. */
export const mixed: Workload = {
  name: 'mixed',
  summary: 'CPU hogs beside one task that wakes up periodically (cyclictest’s shape)',
  kind: 'builtin',
  packages: [],
  files: [],
  parameters: {
    hogs: { unit: 'count', default: 4, min: 0, max: 256, meaning: 'tasks that never sleep' },
    hog_cpus: {
      unit: 'count',
      default: 0,
      min: 0,
      max: 64,
      meaning: 'CPUs the hogs may use, from the first; 0: all',
    },
    chunk_loops: { unit: 'count', default: 200, min: 1, max: 1_000_000, meaning: 'grain of the hogs’ work' },
    interval_ns: {
      unit: 'ns',
      default: 1_000_000,
      min: 50_000,
      max: 10_000_000_000,
      meaning: 'mean period of the waking task',
    },
    work_loops: { unit: 'count', default: 200, min: 0, max: 1_000_000, meaning: 'work of the waking task' },
  },
  memoryMib: 256,
  warmupNs: 50_000_000,
  windowNs: 1_000_000_000,
  metrics: {
    ...latencyMetrics('wakeup', 'how late the periodic task ran'),
    ...throughputMetrics('loops of hog work'),
    ...FAIRNESS,
    ...SYSTEM_METRICS,
  },
  objective: 'wakeup_p99_ns',
  slo: [],
  guardrails: [KEEP_THROUGHPUT],
};
