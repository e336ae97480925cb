import { describeSettings } from '../knobs/format.js';
import type { KnobValues } from '../knobs/types.js';
import { lattice } from './lattice.js';
import type { Tuner, TuningContext } from './types.js';

const MOST_POINTS = 1000;

/**
 * The oracle: tries every point of a lattice over the knobs' ranges, ends and corners included, contradictory
 * points left out, in order.
 * @param points values per knob; left out, the most that `context.cycles` has room for (at least 2)
 */
export function grid(points?: number): Tuner {
  let plan: { readonly context: TuningContext; readonly rows: readonly KnobValues[] } | undefined;
  return {
    name: 'grid',
    async propose(history, context) {
      if (plan?.context !== context) plan = { context, rows: gridPoints(context, points) };
      const index = history.length - 1;
      const values = plan.rows[index];
      if (!values) return null;
      return {
        values,
        reason: `Grid point ${index + 1} of ${plan.rows.length}: ${describeSettings(values)}.`,
      };
    },
  };
}

/** The points `grid` goes through, in order: how many trials the oracle costs. */
export function gridPoints(
  context: Pick<TuningContext, 'knobs' | 'defaults' | 'cycles'>,
  points?: number,
): readonly KnobValues[] {
  const { knobs, defaults, cycles } = context;
  if (points !== undefined) return lattice(knobs, points, defaults);
  let best = lattice(knobs, 2, defaults);
  for (let k = 3; k ** knobs.length <= 4 * cycles && k <= MOST_POINTS; k++) {
    const finer = lattice(knobs, k, defaults);
    if (finer.length > cycles - 1) break;
    best = finer;
  }
  return best;
}
