import { FAIRNESS, KEEP_THROUGHPUT, latencyMetrics, SYSTEM_METRICS, throughputMetrics } from './common.js';
import type { Workload } from './types.js';

/**
 * PostgreSQL under pgbench, 16 clients as in the LumOS paper. Queries only unless told: a table as small as a guest's
 * grows under writes in steps that stall every client for 60 ms, and TPC-B's few branch rows are contended. No
 * scheduler can shorten either, and both are most of p99.
 */
export const pgbench: Workload = {
  name: 'pgbench',
  summary: 'PostgreSQL under pgbench, closed loop or at a fixed rate',
  kind: 'command',
  packages: ['postgresql'],
  files: ['postgresql/postgres', 'postgresql/pgbench'],
  parameters: {
    clients: { unit: 'count', default: 16, min: 1, max: 48, meaning: 'client connections' },
    threads: { unit: 'count', default: 2, min: 1, max: 16, meaning: 'threads of pgbench' },
    scale: { unit: 'count', default: 4, min: 1, max: 8, meaning: 'pgbench scale: 100,000 accounts each' },
    script: {
      unit: 'count',
      default: 2,
      min: 0,
      max: 2,
      meaning: 'pgbench’s script: 0 TPC-B-like, 1 simple update, 2 select only',
    },
    rate_per_s: {
      unit: 'per_s',
      default: 0,
      min: 0,
      max: 1_000_000,
      meaning: 'transactions asked for a second; 0 is a closed loop',
    },
  },
  memoryMib: 512,
  warmupNs: 200_000_000,
  windowNs: 700_000_000,
  windows: { search: 2, referee: 6 },
  metrics: {
    ...latencyMetrics('txn', 'time of one transaction'),
    ...latencyMetrics('lag', 'how late a transaction began at a fixed rate'),
    ...throughputMetrics('transactions'),
    errors: { unit: 'count', direction: 'lower', meaning: 'transactions that failed' },
    ...FAIRNESS,
    ...SYSTEM_METRICS,
  },
  objective: 'txn_p99_ns',
  slo: [],
  guardrails: [
    KEEP_THROUGHPUT,
    { metric: 'errors', rule: 'at most', value: 0, why: 'a failed transaction is a lost one' },
  ],
};
