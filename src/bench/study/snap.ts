import { positionOf } from '../../knobs/scale.js';
import type { KnobValues } from '../../knobs/types.js';
import { lattice } from '../../tuners/lattice.js';
import type { Tuner } from '../../tuners/types.js';

/**
 * A tuner whose proposals are moved to the nearest point of a lattice over the knobs' scales, for all tuners alike: a
 * study then needs each point measured once, and the lattice's best is the best any of them can find.
 */
export function snapped(tuner: Tuner, points: number): Tuner {
  return {
    name: tuner.name,
    async propose(history, context) {
      const proposal = await tuner.propose(history, context);
      if (!proposal) return null;
      const { knobs, defaults } = context;
      const placeOf = (values: KnobValues): number[] =>
        knobs.map((knob) => positionOf(knob, values[knob.name] ?? (defaults[knob.name] as number)));
      const place = placeOf(proposal.values);
      // The default is no point of the lattice, and has been measured all the same.
      const rows = [...lattice(knobs, points, defaults), placeValues(context)];
      const away = rows.map((row) => Math.hypot(...placeOf(row).map((x, i) => x - (place[i] as number))));
      const nearest = rows[away.indexOf(Math.min(...away))] as KnobValues;
      return { ...proposal, values: nearest };
    },
  };
}

const placeValues = ({
  knobs,
  defaults,
}: {
  readonly knobs: readonly { readonly name: string }[];
  readonly defaults: KnobValues;
}): KnobValues => Object.fromEntries(knobs.map(({ name }) => [name, defaults[name] as number]));
