import type { Distribution, Measurement } from '../workloads/types.js';

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** Samples add up, the longest is the longest of all, everything else is the windows' mean. */
function together(name: string, values: readonly number[]): number {
  if (name.endsWith('_samples')) return sum(values);
  return name.endsWith('_max_ns') ? Math.max(...values) : sum(values) / values.length;
}

function merged(all: readonly Distribution[]): Distribution {
  const counts = new Map<number, number>();
  for (const [bound, count] of all.flat()) counts.set(bound, (counts.get(bound) ?? 0) + count);
  return [...counts].sort(([a], [b]) => a - b);
}

const names = (records: readonly Readonly<Record<string, unknown>>[]): string[] => [
  ...new Set(records.flatMap((record) => Object.keys(record))),
];

/**
 * Several windows of one setting as one measurement. A metric is the mean of the windows that have it: two runs of a
 * load may settle differently, and a longer window would show one of them only.
 */
export function combined(windows: readonly Measurement[]): Measurement {
  const [first] = windows;
  if (first === undefined) throw new RangeError('no window to combine');
  if (windows.length === 1) return first;
  const metrics = names(windows.map((window) => window.metrics)).map((name) => {
    const values = windows.flatMap((window) => window.metrics[name] ?? []);
    return [name, together(name, values)] as const;
  });
  const distributions = names(windows.map((window) => window.distributions)).map(
    (name) => [name, merged(windows.map((window) => window.distributions[name] ?? []))] as const,
  );
  return {
    metrics: Object.fromEntries(metrics),
    distributions: Object.fromEntries(distributions),
    knobs: windows.at(-1)?.knobs ?? first.knobs,
    windowNs: sum(windows.map((window) => window.windowNs)),
  };
}
