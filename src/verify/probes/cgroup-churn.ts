import type { Probe } from './probe.js';
import { ALWAYS } from './rails.js';

export const cgroupChurn: Probe = {
  name: 'cgroup-churn',
  about: 'hogs that move between cgroups made and removed',
  parameters: { hogs: 4, wakers: 1, cgroups: 1 },
  cpus: 2,
  windowNs: 400_000_000,
  rails: [...ALWAYS],
};
