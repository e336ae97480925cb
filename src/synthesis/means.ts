import type { Metrics } from '../workloads/types.js';

/** The mean; null of none, and when one is missing. */
export function meanOf(values: readonly (number | null)[]): number | null {
  const there = values.filter((value) => value !== null);
  if (there.length === 0 || there.length < values.length) return null;
  return there.reduce((sum, value) => sum + value, 0) / there.length;
}

/** The mean of every metric that all of them have. */
export function meanMetrics(windows: readonly Metrics[]): Metrics {
  const [first = {}] = windows;
  return Object.fromEntries(
    Object.keys(first).flatMap((name) => {
      const mean = meanOf(windows.map((window) => window[name] ?? null));
      return mean === null ? [] : [[name, mean]];
    }),
  );
}
