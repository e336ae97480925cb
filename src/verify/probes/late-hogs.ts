import type { Probe } from './probe.js';
import { ALWAYS } from './rails.js';

export const lateHogs: Probe = {
  name: 'late-hogs',
  about: 'hogs that sleep first and then want all',
  parameters: { hogs: 4, late_ns: 600_000_000, wakers: 1 },
  cpus: 2,
  windowNs: 1_200_000_000,
  rails: [...ALWAYS],
};
