import { SYSTEM_METRICS } from './common.js';
import type { Workload } from './types.js';

/** Nothing: what a kernel does by itself, and what the lab costs. */
export const idle: Workload = {
  name: 'idle',
  summary: 'no load at all: for boot checks, restore benchmarks and idle soaks',
  kind: 'builtin',
  packages: [],
  files: [],
  parameters: {},
  memoryMib: 256,
  warmupNs: 0,
  windowNs: 10_000_000,
  metrics: { ...SYSTEM_METRICS },
  objective: 'switches_per_s',
  slo: [],
  guardrails: [],
};
