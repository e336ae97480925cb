import { affinityChurn } from './affinity-churn.js';
import { cgroupChurn } from './cgroup-churn.js';
import { forkStorm } from './fork-storm.js';
import { hogs } from './hogs.js';
import { hotplug } from './hotplug.js';
import { idleSoak } from './idle-soak.js';
import { kernelThreads } from './kernel-threads.js';
import { lateHogs } from './late-hogs.js';
import { manyCpus } from './many-cpus.js';
import { niceRatios } from './nice-ratios.js';
import type { Probe } from './probe.js';
import { realTime } from './real-time.js';
import { reload } from './reload.js';
import { wakeupStorm } from './wakeup-storm.js';

/** Those with as many CPUs share a guest, in this order: what starves tasks is found by the first. */
export const PROBES: readonly Probe[] = [
  hogs,
  niceRatios,
  lateHogs,
  kernelThreads,
  forkStorm,
  cgroupChurn,
  realTime,
  idleSoak,
  wakeupStorm,
  affinityChurn,
  reload,
  manyCpus,
  hotplug,
];
