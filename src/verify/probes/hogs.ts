import type { Probe } from './probe.js';
import { ALWAYS, FAIRNESS } from './rails.js';

export const hogs: Probe = {
  name: 'hogs',
  about: 'four hogs on two CPUs beside a periodic task',
  parameters: { hogs: 4, wakers: 1 },
  cpus: 2,
  windowNs: 800_000_000,
  rails: [...ALWAYS, ...FAIRNESS],
};
