import type { Probe } from './probe.js';
import { ALWAYS, WEIGHTS } from './rails.js';

export const niceRatios: Probe = {
  name: 'nice-ratios',
  about: 'hogs of nice 0 and nice 5',
  parameters: { hogs: 4, nice: 5, wakers: 1 },
  cpus: 2,
  windowNs: 1_000_000_000,
  rails: [...ALWAYS, ...WEIGHTS],
};
