import type { Probe } from './probe.js';
import { ALWAYS } from './rails.js';

export const idleSoak: Probe = {
  name: 'idle-soak',
  about: 'almost nothing to do, for a long time',
  parameters: { hogs: 0, wakers: 2, interval_ns: 50_000_000 },
  cpus: 2,
  windowNs: 8_000_000_000,
  rails: [...ALWAYS],
};
