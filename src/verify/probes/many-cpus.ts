import type { Probe } from './probe.js';
import { ALWAYS, OVERHEAD } from './rails.js';

export const manyCpus: Probe = {
  name: 'many-cpus',
  about: 'more tasks than CPUs on eight of them',
  parameters: { hogs: 10, wakers: 6 },
  cpus: 8,
  windowNs: 300_000_000,
  rails: [...ALWAYS, ...OVERHEAD],
};
