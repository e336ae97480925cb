import { join } from 'node:path';
import { readText } from '../probes/files.js';
import { type Counts, known, rates, type Source, sums } from './source.js';

/** Formats whose `cpu` lines are alike: Documentation/scheduler/sched-stats.rst. */
const VERSIONS = [15, 16, 17];

/** /proc/schedstat as counters, over all CPUs: wake-ups, and ns that tasks waited on run queues. */
export function parseSchedstat(text: string): Counts | null {
  const version = Number(/^version (\d+)$/m.exec(text)?.[1]);
  if (!VERSIONS.includes(version)) return null;
  const rows = [...text.matchAll(/^cpu\d+ (.*)$/gm)].map((match) => {
    const fields = (match[1] as string).split(' ').map(Number);
    return known({ wakeups: fields[4], waitedNs: fields[7] });
  });
  const { wakeups, waitedNs } = sums(rows);
  // While kernel.sched_schedstats is 0 the wake-ups are not counted; the waiting always is.
  return known({ wakeups: wakeups === 0 ? undefined : wakeups, waitedNs });
}

export const schedstat: Source = {
  read: (root) => parseSchedstat(readText(join(root, 'proc/schedstat')) ?? ''),
  figures: (grown, seconds) => ({
    ...rates(grown, seconds, { wakeups: 'wakeups_per_s' }),
    ...rates(grown, seconds * 1e9, { waitedNs: 'runq_waiting' }),
  }),
};
