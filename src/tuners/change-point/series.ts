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

/**
 * What the logarithm of the objective is off from the mean of earlier windows of the same setting, each made as wide as
 * the others: recursive residuals (Brown, Durbin and Evans, 1975). Against a setting's first window alone, one lucky
 * window would shift all that follow.
 */
export function residuals(history: readonly Observation[], context: TuningContext): readonly Row[] {
  const known: { readonly place: readonly number[]; mean: number; windows: number }[] = [];
  return history.flatMap(({ objective, values, outcome }, at) => {
    if (objective === null || objective <= 0 || outcome === 'rejected') return [];
    const figure = Math.log(objective);
    const place = placeOf(values, context);
    const own = known.find((other) => distance(other.place, place) < ALIKE);
    if (!own) {
      known.push({ place, mean: figure, windows: 1 });
      return [];
    }
    const value = (figure - own.mean) * Math.sqrt(own.windows / (own.windows + 1));
    own.windows++;
    own.mean += (figure - own.mean) / own.windows;
    return [{ at, value }];
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
