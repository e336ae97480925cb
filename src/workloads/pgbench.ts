import { FAIRNESS, KEEP_THROUGHPUT, latencyMetrics, SYSTEM_METRICS, throughputMetrics } from './common.js';
import type { Workload } from './types.js';

/**
 * PostgreSQL under pgbench, 16 clients as in the LumOS paper. The script is the simple update unless told: TPC-B's few
 * branch rows are contended, and no scheduler can shorten waiting for a row. The warm-up covers what every run begins
 * with: sixteen connections made one after the other, and the first transaction of each, which fills its caches.
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
      default: 1,
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
  warmupNs: 700_000_000,
  windowNs: 800_000_000,
  windows: { search: 1, referee: 4 },
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
