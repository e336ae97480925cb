import type { Probe } from './probe.js';
import { ALWAYS, FORKS } from './rails.js';

export const forkStorm: Probe = {
  name: 'fork-storm',
  about: 'processes made and ended beside hogs',
  parameters: { hogs: 1, wakers: 1, forkers: 2 },
  cpus: 2,
  windowNs: 600_000_000,
  timeoutMs: 800,
  rails: [...ALWAYS, ...FORKS],
};
