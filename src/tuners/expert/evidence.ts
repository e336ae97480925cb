import { positionOf } from '../../knobs/scale.js';
import type { KnobValues } from '../../knobs/types.js';
import type { Observation, TuningContext } from '../types.js';

/** A setting as a place: one coordinate in [0, 1] per tuned knob, on the knob's scale. */
export type Place = readonly number[];

/** A tried setting. `score` is the logarithm of the objective, lower is better, so differences are ratios. */
export interface Evidence {
  readonly place: Place;
  readonly score: number;
  readonly harmful: boolean;
  readonly observation: Observation;
}

/** Where a setting lies; knobs it does not name are at their defaults. */
export const placeOf = (values: KnobValues, { knobs, defaults }: TuningContext): Place =>
  knobs.map((knob) => positionOf(knob, values[knob.name] ?? defaults[knob.name] ?? knob.min));

/** Distance of two places; 1 is the whole range of one knob. */
export const distance = (a: Place, b: Place): number => Math.hypot(...a.map((x, i) => x - (b[i] as number)));

/**
 * What the history says. A setting that breached a guardrail, or whose window gave no figure, is as bad as the
 * worst that was measured: nobody should be drawn to its neighbourhood. Rejected proposals were never measured
 * and are left out.
 */
export function evidenceFrom(history: readonly Observation[], context: TuningContext): readonly Evidence[] {
  const measured = history.filter(({ outcome }) => outcome !== 'rejected');
  const figures = measured.flatMap(({ objective }) => (objective === null ? [] : [objective]));
  const largest = Math.max(0, ...figures.map(Math.abs)) || 1;
  const sign = context.objective.direction === 'lower' ? 1 : -1;
  // A thousandth of the largest figure stands for zero, which has no logarithm.
  const scoreOf = (figure: number): number => sign * Math.log(Math.max(figure, largest / 1000));
  const worst = Math.max(...figures.map(scoreOf));
  return measured.map((observation) => {
    const harmful = observation.outcome === 'breach';
    const known = observation.objective !== null && !harmful;
    return {
      place: placeOf(observation.values, context),
      score: known ? scoreOf(observation.objective as number) : figures.length > 0 ? worst : 0,
      harmful,
      observation,
    };
  });
}

/** The best measured setting that breached nothing; undefined when there is none. */
export function bestOf(evidence: readonly Evidence[]): Evidence | undefined {
  const sound = evidence.filter(({ harmful, observation }) => !harmful && observation.objective !== null);
  return sound.reduce<Evidence | undefined>(
    (best, item) => (best && best.score <= item.score ? best : item),
    undefined,
  );
}

/**
 * Whether a place lies at a harmful one or beyond it, seen from the default: what hurts half-way is not
 * followed further in the same direction.
 */
export function isBeyondHarm(place: Place, origin: Place, evidence: readonly Evidence[]): boolean {
  return evidence.some(
    (item) =>
      item.harmful &&
      item.place.every((harm, i) => {
        const from = origin[i] as number;
        const step = harm - from;
        return Math.abs(step) < 1e-9 || ((place[i] as number) - from) / step >= 1;
      }) &&
      distance(item.place, origin) > 0,
  );
}
