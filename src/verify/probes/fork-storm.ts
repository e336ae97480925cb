import type { Probe } from './probe.js';
import { ALWAYS, FORKS } from './rails.js';

export const forkStorm: Probe = {
  name: 'fork-storm',
  about: 'processes made and ended as fast as can be',
  parameters: { hogs: 0, wakers: 1, forkers: 4 },
  cpus: 2,
  windowNs: 800_000_000,
  rails: [...ALWAYS, ...FORKS],
};
