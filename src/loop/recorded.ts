import type { Measurement } from '../workloads/types.js';
import type { Cycle } from './result.js';

/** A plain copy of a measurement, as results keep it: what the target does with its own later is not ours. */
export function recorded(measurement: Measurement): NonNullable<Cycle['measurement']> {
  const { metrics, distributions, knobs, windowNs, inForce, noFigure } = measurement;
  return {
    metrics: { ...metrics },
    distributions: Object.fromEntries(
      Object.entries(distributions).map(([family, rows]) => [
        family,
        rows.map(([bound, count]): [number, number] => [bound, count]),
      ]),
    ),
    knobs: { ...knobs },
    windowNs,
    ...(inForce ? { inForce: { ...inForce } } : {}),
    ...(noFigure ? { noFigure: { ...noFigure } } : {}),
  };
}
