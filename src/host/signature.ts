import type { Metrics } from '../workloads/types.js';
import { disk } from './signature/disk.js';
import { net } from './signature/net.js';
import { pressure } from './signature/pressure.js';
import { schedstat } from './signature/schedstat.js';
import { type Counts, growth, type Source } from './signature/source.js';
import { stat } from './signature/stat.js';
import { vmstat } from './signature/vmstat.js';

const SOURCES: readonly Source[] = [stat, schedstat, vmstat, pressure, net, disk];

/** The machine's counters at one moment; null for a group this kernel does not have. */
export interface Counters {
  readonly atNs: bigint;
  readonly groups: readonly (Counts | null)[];
}

/** Reads all groups; takes a millisecond or so. `root` is where the file system begins. */
export const readCounters = (root = '/'): Counters => ({
  atNs: process.hrtime.bigint(),
  groups: SOURCES.map((source) => source.read(root)),
});

/**
 * The signature of a window: rates and shares between two readings, named and explained by `SIGNATURE_METRICS`.
 * A counter that the kernel does not have, or that was reset in between, gives no metric.
 */
export function signature(from: Counters, to: Counters): Metrics {
  const seconds = Number(to.atNs - from.atNs) / 1e9;
  if (seconds <= 0) return {};
  const parts = SOURCES.map((source, i) => {
    const [before, after] = [from.groups[i], to.groups[i]];
    return before && after ? source.figures(growth(before, after), seconds) : {};
  });
  return Object.assign({}, ...parts) as Metrics;
}
