import type { Probe } from './probe.js';
import { LATENCY, MEMORY } from './rails.js';

export const hotplug: Probe = {
  name: 'hotplug',
  about: 'a CPU that goes and comes under load',
  parameters: { hogs: 4, wakers: 1, hotplug: 1, churn_ns: 100_000_000 },
  cpus: 2,
  alone: true,
  windowNs: 500_000_000,
  // A task that waits in a queue of the policy’s own still counts as the going CPU’s; when another CPU takes the last one,
  // nobody wakes the CPU’s hotplug thread, which waits for that count in sched_cpu_wait_empty() (seen on 6.18). What a
  // policy itself keeps from running is ejected by the watchdog long before.
  mayHang: { seeds: 2, limitMs: 15_000 },
  rails: [...LATENCY, ...MEMORY],
  // scx_bpf_select_cpu_dfl itself falls back to the CPU a task was on last, which may be gone.
  innocent: ['SCX_EV_SELECT_CPU_FALLBACK'],
};
