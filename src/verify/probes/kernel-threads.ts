import type { Probe } from './probe.js';
import { ALWAYS } from './rails.js';

export const kernelThreads: Probe = {
  name: 'kernel-threads',
  about: 'per-CPU kernel threads and pinned tasks among hogs',
  parameters: { hogs: 4, wakers: 4, pinned: 1, kernel_work: 1 },
  cpus: 2,
  windowNs: 600_000_000,
  rails: [...ALWAYS],
};
