import { formatNs } from '../units.js';
import type { KnobValues } from './types.js';

/**
 * The rule a whole set of values breaks, or null. CFS: min_granularity_ns above latency_ns promises every task a
 * turn longer than the period in which all of them should have had one.
 */
export function contradiction(values: KnobValues): string | null {
  const { latency_ns: latency, min_granularity_ns: floor } = values;
  if (latency === undefined || floor === undefined || floor <= latency) return null;
  return `min_granularity_ns (${formatNs(floor)}) exceeds latency_ns (${formatNs(latency)})`;
}

/**
 * The nearest set without a contradiction: latency_ns is raised when it is among `tuned`, or else
 * min_granularity_ns is lowered. A set without one is returned as it is.
 */
export function withoutContradiction(values: KnobValues, tuned: readonly string[]): KnobValues {
  if (contradiction(values) === null) return values;
  const { latency_ns: latency = 0, min_granularity_ns: floor = 0 } = values;
  return tuned.includes('latency_ns')
    ? { ...values, latency_ns: floor }
    : { ...values, min_granularity_ns: latency };
}
