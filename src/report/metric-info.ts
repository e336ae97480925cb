import type { Metric } from '../workloads/types.js';

/** Looks a metric of a workload up in a catalogue; undefined when the catalogue does not have it. */
export type DescribeMetric = (workload: string, metric: string) => Metric | undefined;

const UNITS: readonly (readonly [suffix: string, unit: Metric['unit']])[] = [
  ['_ns', 'ns'],
  ['_per_s', 'per_s'],
  ['_share', 'share'],
  ['_ratio', 'ratio'],
];

/** Tails and means of a latency: lower is better whatever the workload. */
const LATENCY = /_(p\d+|mean|max)_ns$/;

/**
 * What a metric's own name says, for one that no catalogue describes: the unit is its ending, a percentile,
 * mean or maximum in ns is better when lower, a throughput when higher, and nothing else is judged.
 */
export function metricFromName(name: string): Metric {
  const unit = UNITS.find(([suffix]) => name.endsWith(suffix))?.[1] ?? 'count';
  const direction = LATENCY.test(name)
    ? 'lower'
    : /(^|_)(throughput|tps)(_|$)/.test(name)
      ? 'higher'
      : 'none';
  return { unit, direction, meaning: '' };
}
