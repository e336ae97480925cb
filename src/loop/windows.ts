import type { Objective } from '../tuners/types.js';
import type { Distribution, Measurement, Metrics } from '../workloads/types.js';
import { median } from './median.js';
import { figureIn } from './objective.js';
import { whole } from './window.js';

/**
 * Several windows of one setting as one measurement: each metric's median, over the windows that have it; the
 * distributions added up; the knobs of the last that has figures. Where none has, the last says why.
 * @param all at least one
 */
export function middle(all: readonly Measurement[]): Measurement {
  const windows = whole(all);
  const last = (windows.at(-1) ?? all.at(-1)) as Measurement;
  if (windows.length < 2) return last;
  const names = new Set(windows.flatMap(({ metrics }) => Object.keys(metrics)));
  const families = new Set(windows.flatMap(({ distributions }) => Object.keys(distributions)));
  return {
    metrics: Object.fromEntries([...names].map((name) => [name, median(have(windows, name))])) as Metrics,
    distributions: Object.fromEntries([...families].map((family) => [family, added(windows, family)])),
    knobs: last.knobs,
    windowNs: last.windowNs,
    ...(last.inForce ? { inForce: last.inForce } : {}),
  };
}

const have = (windows: readonly Measurement[], name: string): number[] =>
  windows.flatMap(({ metrics }) => metrics[name] ?? []);

function added(windows: readonly Measurement[], family: string): Distribution {
  const counts = new Map<number, number>();
  for (const { distributions } of windows)
    for (const [bound, count] of distributions[family] ?? [])
      counts.set(bound, (counts.get(bound) ?? 0) + count);
  return [...counts].sort(([a], [b]) => a - b);
}

/** The objective in each window that has it. */
export const figuresIn = (windows: readonly Measurement[], objective: Objective): number[] =>
  windows.flatMap(({ metrics }) => figureIn(metrics, objective) ?? []);

/** Half the range of several figures over their median, a share; undefined for fewer than two, or a median of 0. */
export function noiseIn(figures: readonly number[]): number | undefined {
  if (figures.length < 2) return undefined;
  const noise = (Math.max(...figures) - Math.min(...figures)) / 2 / Math.abs(median(figures));
  return Number.isFinite(noise) ? noise : undefined;
}

/**
 * Of so many pairs of windows, how many have to be better for chance to be out of it: a sign test, one-sided, at
 * 5 %. More than there are when there are too few to tell.
 */
export function winsNeeded(pairs: number): number {
  let ways = 1;
  let tail = 0;
  for (let wins = pairs; wins >= 0; wins--) {
    tail += ways;
    if (tail > 0.05 * 2 ** pairs) return wins + 1;
    ways = (ways * wins) / (pairs - wins + 1);
  }
  return 0;
}
