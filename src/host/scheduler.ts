import { release } from 'node:os';
import type { SchedulerClass } from '../knobs/types.js';
import { atLeast } from '../versions.js';

/** What this machine schedules with: EEVDF replaced CFS in 6.6. */
export const HOST_SCHEDULER: SchedulerClass = atLeast(release(), '6.6') ? 'eevdf' : 'cfs';
