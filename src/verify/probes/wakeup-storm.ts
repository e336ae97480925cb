import type { Probe } from './probe.js';
import { ALWAYS } from './rails.js';

export const wakeupStorm: Probe = {
  name: 'wakeup-storm',
  about: 'many tasks that wake up and hardly run',
  parameters: { hogs: 0, wakers: 32, interval_ns: 4_000_000, work_loops: 400 },
  cpus: 4,
  windowNs: 400_000_000,
  rails: [...ALWAYS],
};
