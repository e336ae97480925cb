import type { Probe } from './probe.js';
import { LATENCY, MEMORY } from './rails.js';

export const reload: Probe = {
  name: 'reload',
  about: 'the policy taken away and brought back under load',
  parameters: { hogs: 6, wakers: 2 },
  cpus: 4,
  windowNs: 100_000_000,
  reloads: 3,
  rails: [...LATENCY, ...MEMORY],
};
