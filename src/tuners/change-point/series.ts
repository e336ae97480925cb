import { distance, placeOf } from '../expert/evidence.js';
import type { Observation, TuningContext } from '../types.js';

/** Settings this near each other (3 % of a range) are the same. */
const ALIKE = 0.03;

/** A value and the place in the history it was measured at. */
export interface Row {
  readonly at: number;
  readonly value: number;
}

/** Logarithms of a metric, in the windows that have it. */
export const logsOf = (history: readonly Observation[], metric: string): readonly Row[] =>
  history.flatMap(({ measurement }, at) => {
    const value = measurement?.metrics[metric];
    return value !== undefined && value > 0 ? [{ at, value: Math.log(value) }] : [];
  });

/** Logarithms of the objective over the first figure of the same setting. */
export function residuals(history: readonly Observation[], context: TuningContext): readonly Row[] {
  const firsts: { readonly place: readonly number[]; readonly figure: number }[] = [];
  return history.flatMap(({ objective, values, outcome }, at) => {
    if (objective === null || objective <= 0 || outcome === 'rejected') return [];
    const place = placeOf(values, context);
    const known = firsts.find((first) => distance(first.place, place) < ALIKE);
    if (!known) firsts.push({ place, figure: objective });
    return known ? [{ at, value: Math.log(objective / known.figure) }] : [];
  });
}

/** Whether two observations are of the very same values. */
export const sameSetting = (
  history: readonly Observation[],
  a: number,
  b: number,
  { knobs, defaults }: TuningContext,
): boolean => {
  const valueAt = (at: number, name: string) => history[at]?.values[name] ?? defaults[name];
  return knobs.every(({ name }) => valueAt(a, name) === valueAt(b, name));
};
