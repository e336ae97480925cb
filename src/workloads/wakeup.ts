import { FAIRNESS, KEEP_THROUGHPUT, latencyMetrics, SYSTEM_METRICS, throughputMetrics } from './common.js';
import type { Workload } from './types.js';

/** schbench's shape: message threads wake workers that do a fixed amount of work. */
export const wakeup: Workload = {
  name: 'wakeup',
  summary: 'message threads wake workers that each do a fixed amount of work (schbench’s shape)',
  kind: 'builtin',
  packages: [],
  files: [],
  parameters: {
    messengers: { unit: 'count', default: 2, min: 1, max: 64, meaning: 'message threads' },
    workers: { unit: 'count', default: 8, min: 1, max: 256, meaning: 'workers of each message thread' },
    work_loops: {
      unit: 'count',
      default: 8000,
      min: 1,
      max: 10_000_000,
      meaning: 'work of one request; 10,000 loops take 1 ms of a CPU at 500 MIPS',
    },
    think_ns: {
      unit: 'ns',
      default: 8_000_000,
      min: 0,
      max: 10_000_000_000,
      meaning: 'mean pause of a worker between two requests (exponential); 0 for none',
    },
  },
  memoryMib: 256,
  warmupNs: 200_000_000,
  windowNs: 3_000_000_000,
  windows: { search: 1, referee: 6 },
  metrics: {
    ...latencyMetrics('wakeup', 'time from the post to the worker running'),
    ...latencyMetrics('request', 'time from the post to the end of its work'),
    ...throughputMetrics('requests'),
    ...FAIRNESS,
    ...SYSTEM_METRICS,
  },
  objective: 'wakeup_p99_ns',
  slo: [],
  guardrails: [KEEP_THROUGHPUT],
};
