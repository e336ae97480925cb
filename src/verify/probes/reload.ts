import type { Probe } from './probe.js';
import { LATENCY, MEMORY } from './rails.js';

export const reload: Probe = {
  name: 'reload',
  about: 'the policy taken away and brought back under load',
  parameters: { hogs: 4, wakers: 2 },
  cpus: 2,
  windowNs: 100_000_000,
  windows: 6,
  timeoutMs: 500,
  rails: [...LATENCY, ...MEMORY],
};
