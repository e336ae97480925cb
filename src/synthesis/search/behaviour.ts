import type { Metrics } from '../../workloads/types.js';

/** Bounds of the ratio to the kernel's own scheduler, and what lies between them is called. */
const BOUNDS = [0.5, 0.9, 1.1, 2] as const;
const NAMES = ['far less', 'less', 'alike', 'more', 'far more'] as const;

/** The figure that stands for waiting: the first tail latency that the load itself measures. */
export const latencyMetric = (metrics: Metrics): string | undefined =>
  Object.keys(metrics).find((name) => /^(?!runq_|slice_)\w+_p99_ns$/.test(name));

function degree(value: number | undefined, own: number | undefined): string {
  if (value === undefined || own === undefined || own === 0) return 'unknown';
  const above = BOUNDS.filter((bound) => value / own >= bound).length;
  return NAMES[above] as string;
}

/** The cell of the archive: latency, throughput and context switches, each against the kernel's own scheduler. */
export function behaviour(metrics: Metrics, own: Metrics): string {
  const latency = latencyMetric(own);
  const axes = { latency, throughput: 'throughput_per_s', switches: 'switches_per_s' };
  return Object.entries(axes)
    .map(([axis, name]) => `${axis} ${name === undefined ? 'unknown' : degree(metrics[name], own[name])}`)
    .join(', ');
}
