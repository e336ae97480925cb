import { KEEP_THROUGHPUT, latencyMetrics, SYSTEM_METRICS, throughputMetrics } from './common.js';
import type { Workload } from './types.js';

/** rt-tests' hackbench. */
export const hackbench: Workload = {
  name: 'hackbench',
  summary: 'groups of tasks that pass messages through sockets (rt-tests’ hackbench)',
  kind: 'command',
  packages: ['rt-tests'],
  files: ['/usr/bin/hackbench'],
  parameters: {
    groups: { unit: 'count', default: 2, min: 1, max: 64, meaning: 'groups of 20 senders and 20 receivers' },
    loops: {
      unit: 'count',
      default: 20,
      min: 1,
      max: 100_000,
      meaning: 'messages from each sender to each receiver',
    },
  },
  memoryMib: 256,
  warmupNs: 0,
  seeded: false,
  windowNs: 1_000_000_000,
  metrics: {
    ...latencyMetrics('round', 'time of one round of hackbench'),
    ...throughputMetrics('messages'),
    ...SYSTEM_METRICS,
  },
  objective: 'round_p50_ns',
  slo: [],
  guardrails: [KEEP_THROUGHPUT],
};
