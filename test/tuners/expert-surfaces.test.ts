import { describe, expect, it } from 'vitest';
import type { KnobValues } from '../../src/knobs/types.js';
import { expert } from '../../src/tuners/expert.js';
import { gridPoints } from '../../src/tuners/grid.js';
import type { Observation, TuningContext } from '../../src/tuners/types.js';
import { defaultsOf, observed, oneKnob, twoKnobs } from './case.js';
import { BUMPS, figureOf, ONE, type Shape, TWO, TWO_VALLEYS } from './surfaces.js';

const SEEDS = [1, 2, 3, 4, 5];
const CYCLES = 12;

async function search(
  context: TuningContext,
  figure: (values: KnobValues) => number,
): Promise<Observation[]> {
  const history = [observed(0, defaultsOf(context), figure(defaultsOf(context)))];
  while (history.length < CYCLES) {
    const proposal = await expert.propose(history, context);
    if (!proposal) break;
    history.push(observed(history.length, proposal.values, figure(proposal.values)));
  }
  return history;
}

/** How far the expert's best is above the grid's best, as a share, and the way it went. */
async function shortfall(context: TuningContext, points: number, shape: Shape, bumps: Shape) {
  const figure = figureOf(shape, bumps, context);
  const history = await search(context, figure);
  const best = Math.min(...history.map(({ objective }) => objective as number));
  const oracle = Math.min(...gridPoints(context, points).map(figure));
  const way = history.map(
    ({ values, objective }) => `${JSON.stringify(values)} ${((objective ?? 0) / 1e6).toFixed(1)} ms`,
  );
  return {
    share: best / oracle - 1,
    cycles: history.length,
    report: `oracle ${(oracle / 1e6).toFixed(1)} ms\n${way.join('\n')}`,
  };
}

const cases = [
  ...Object.entries(ONE).map(([name, shape]) => ({ name, shape, context: oneKnob, points: 31 })),
  ...Object.entries(TWO).map(([name, shape]) => ({ name, shape, context: twoKnobs, points: 8 })),
];

describe.each(cases)('$context.knobs.length knob(s), $name', ({ shape, context, points }) => {
  it.each(Object.entries(BUMPS))(
    '%s: within 5 %% of the grid in at most 12 cycles, 5 seeds',
    async (_, bumps) => {
      for (const seed of SEEDS) {
        const { share, cycles, report } = await shortfall({ ...context, seed }, points, shape, bumps(seed));
        expect(cycles).toBeLessThanOrEqual(CYCLES);
        const text = `seed ${seed}: ${(share * 100).toFixed(1)} % above the grid; ${report}`;
        expect(share, text).toBeLessThanOrEqual(0.05);
      }
    },
  );
});

it('finds the deeper of two valleys in two knobs more often than not', async () => {
  const shares: number[] = [];
  for (const seed of SEEDS)
    for (const bumps of Object.values(BUMPS))
      shares.push((await shortfall({ ...twoKnobs, seed }, 8, TWO_VALLEYS, bumps(seed))).share);
  expect(shares.filter((share) => share <= 0.05).length, shares.join(' ')).toBeGreaterThanOrEqual(7);
});
