import type { Probe } from './probe.js';
import { ALWAYS } from './rails.js';

export const affinityChurn: Probe = {
  name: 'affinity-churn',
  about: 'hogs whose CPUs change all the time',
  parameters: { hogs: 6, wakers: 2, affinity: 1, churn_ns: 2_000_000 },
  cpus: 4,
  windowNs: 400_000_000,
  timeoutMs: 800,
  rails: [...ALWAYS],
};
