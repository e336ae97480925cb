import type { Metrics } from '../../workloads/types.js';

/** Counters by name, ever growing; which names there are is up to the kernel. */
export type Counts = Readonly<Record<string, number>>;

/** One group of the kernel's counters. */
export interface Source {
  /** The counters now; null when this kernel does not have them, or in another form. `root` is `/`. */
  read(root: string): Counts | null;
  /** Metrics of a window, from how much each counter grew in it. A counter that is not there gives no metric. */
  figures(grown: Counts, seconds: number): Metrics;
}

/**
 * How much each counter grew. Those missing on either side, or smaller than before (a device went, a counter was
 * reset), are left out: what cannot be said is not.
 */
export function growth(from: Counts, to: Counts): Counts {
  const grown: Record<string, number> = {};
  for (const [name, after] of Object.entries(to)) {
    const before = from[name];
    if (before !== undefined && after >= before) grown[name] = after - before;
  }
  return grown;
}

/** The metrics among these that have a number. */
export const known = (metrics: Readonly<Record<string, number | undefined>>): Metrics =>
  Object.fromEntries(
    Object.entries(metrics).filter((entry): entry is [string, number] => Number.isFinite(entry[1])),
  );

/** Counters per second under other names: `{pgfault: 'page_faults_per_s'}`. */
export const rates = (grown: Counts, seconds: number, names: Readonly<Record<string, string>>): Metrics =>
  known(
    Object.fromEntries(
      Object.entries(names).map(([counter, metric]) => [
        metric,
        grown[counter] === undefined ? undefined : grown[counter] / seconds,
      ]),
    ),
  );

/** Sums of columns over rows. */
export const sums = (rows: readonly Counts[]): Counts => {
  const total: Record<string, number> = {};
  for (const row of rows)
    for (const [name, value] of Object.entries(row)) total[name] = (total[name] ?? 0) + value;
  return total;
};
