import type { Probe } from './probe.js';
import { LATENCY, MEMORY } from './rails.js';

export const hotplug: Probe = {
  name: 'hotplug',
  about: 'a CPU that goes and comes under load',
  parameters: { hogs: 4, wakers: 1, hotplug: 1, churn_ns: 100_000_000 },
  cpus: 2,
  alone: true,
  windowNs: 500_000_000,
  rails: [...LATENCY, ...MEMORY],
  // scx_bpf_select_cpu_dfl itself falls back to the CPU a task was on last, which may be gone.
  innocent: ['SCX_EV_SELECT_CPU_FALLBACK'],
};
