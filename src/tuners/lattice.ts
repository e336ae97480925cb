import { contradiction } from '../knobs/contradiction.js';
import { valueAt } from '../knobs/scale.js';
import type { Knob, KnobValues } from '../knobs/types.js';

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
