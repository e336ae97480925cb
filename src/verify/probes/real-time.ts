import type { Probe } from './probe.js';
import { ALWAYS } from './rails.js';

export const realTime: Probe = {
  name: 'real-time',
  about: 'a real-time task that takes most of a CPU beside hogs',
  parameters: { hogs: 4, wakers: 1, rt_percent: 60 },
  cpus: 2,
  windowNs: 800_000_000,
  rails: [...ALWAYS],
};
