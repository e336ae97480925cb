import { contradiction } from '../knobs/contradiction.js';
import { positionOf, valueAt } from '../knobs/scale.js';
import type { Knob, KnobValues } from '../knobs/types.js';
import type { TuningContext } from './types.js';

/**
 * All combinations of `points` values per knob, evenly spread over each range on the knob's scale, both ends
 * included; contradictory ones and repetitions (a count has few values) are left out. The first knob varies
 * slowest. `defaults` stands in for knobs that are not in `knobs`.
 */
export function lattice(knobs: readonly Knob[], points: number, defaults: KnobValues): readonly KnobValues[] {
  const axes = knobs.map((knob) => {
    const values = Array.from({ length: points }, (_, i) =>
      valueAt(knob, points === 1 ? 0 : i / (points - 1)),
    );
    return [...new Set(values)].map((value) => [knob.name, value] as const);
  });
  const rows = axes.reduce<(readonly (readonly [string, number])[])[]>(
    (sofar, axis) => sofar.flatMap((row) => axis.map((entry) => [...row, entry])),
    [[]],
  );
  return rows
    .map((row): KnobValues => Object.fromEntries(row))
    .filter((values) => contradiction({ ...defaults, ...values }) === null);
}

/**
 * The nearest setting that may be chosen: where `context.points` says that there is a lattice, its nearest point or the
 * default, which need not be one; else the setting itself.
 */
export function onLattice(values: KnobValues, { knobs, defaults, points }: TuningContext): KnobValues {
  if (points === undefined) return values;
  const placeOf = (setting: KnobValues): number[] =>
    knobs.map((knob) => positionOf(knob, setting[knob.name] ?? (defaults[knob.name] as number)));
  const place = placeOf(values);
  const origin = Object.fromEntries(knobs.map(({ name }) => [name, defaults[name] as number]));
  const rows = [...lattice(knobs, points, defaults), origin];
  const away = rows.map((row) => Math.hypot(...placeOf(row).map((x, i) => x - (place[i] as number))));
  return rows[away.indexOf(Math.min(...away))] as KnobValues;
}
