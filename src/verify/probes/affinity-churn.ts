import type { Probe } from './probe.js';
import { ALWAYS } from './rails.js';

export const affinityChurn: Probe = {
  name: 'affinity-churn',
  about: 'hogs whose CPUs change all the time, and periodic tasks that keep to two of four',
  parameters: { hogs: 6, wakers: 4, pinned: 2, affinity: 1, churn_ns: 2_000_000 },
  cpus: 4,
  windowNs: 400_000_000,
  rails: [...ALWAYS],
};
