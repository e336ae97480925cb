import { describe, expect, it } from 'vitest';
import { contradiction } from '../../../src/knobs/contradiction.js';
import { positionOf } from '../../../src/knobs/scale.js';
import type { Knob, KnobValues } from '../../../src/knobs/types.js';
import { dqn } from '../../../src/tuners/dqn.js';
import { qLearning } from '../../../src/tuners/q-learning.js';
import { Cells } from '../../../src/tuners/reinforcement/cells.js';
import { epsilon, greedy } from '../../../src/tuners/reinforcement/exploration.js';
import { Rewards } from '../../../src/tuners/reinforcement/reward.js';
import type { Observation, Tuner, TuningContext } from '../../../src/tuners/types.js';
import { defaultsOf, observed, oneKnob, twoKnobs } from '../case.js';

type Figure = (values: KnobValues) => number;

async function search(tuner: Tuner, context: TuningContext, figure: Figure) {
  const history: Observation[] = [observed(0, defaultsOf(context), figure(defaultsOf(context)))];
  const reasons: string[] = [];
  while (history.length < context.cycles) {
    const proposal = await tuner.propose(history, context);
    if (!proposal) break;
    reasons.push(proposal.reason);
    history.push(observed(history.length, proposal.values, figure(proposal.values)));
  }
  return { history, reasons };
}

const slice = oneKnob.knobs[0] as Knob;
/** Best at a fifth of the range, the second of eight cells. */
const valley: Figure = ({ base_slice_ns = 0 }) =>
  60e6 * (1 + 3 * (positionOf(slice, base_slice_ns) - 1 / 7) ** 2);
const AGENTS = { 'q-learning': qLearning, dqn } as const;

describe.each(Object.entries(AGENTS))('%s', (name, make) => {
  const long = { ...oneKnob, cycles: 200 };

  it('settles on the best cell when ε falls with the cycles there are', async () => {
    for (const seed of [1, 2]) {
      const { history } = await search(make('budget'), { ...long, seed }, valley);
      const late = history.slice(-50).map(({ objective }) => objective as number);
      const early = history.slice(1, 51).map(({ objective }) => objective as number);
      const best = valley({ base_slice_ns: 268_000 });
      const hits = late.filter((value) => value < best * 1.07).length;
      expect(hits, `seed ${seed}: ${hits} of 50 late windows near the best`).toBeGreaterThan(35);
      expect(early.filter((value) => value < best * 1.07).length).toBeLessThan(hits);
    }
  });

  it('tries at random two times in three with the paper’s ε', async () => {
    const { reasons } = await search(make('paper'), long, valley);
    const drawn = reasons.filter((reason) => reason.startsWith('Drawn at random')).length;
    expect(drawn / reasons.length).toBeGreaterThan(0.53);
    expect(drawn / reasons.length).toBeLessThan(0.74);
  });

  it('chooses among eight log-spaced values a knob, without contradictions', async () => {
    const { history } = await search(make('paper'), { ...twoKnobs, cycles: 60 }, () => 60e6);
    for (const { values } of history.slice(1)) expect(contradiction(values)).toBeNull();
    for (const { name } of twoKnobs.knobs)
      expect(new Set(history.slice(1).map(({ values }) => values[name])).size).toBeLessThanOrEqual(8);
  });

  it('is the same for the same seed, another for another, and goes on from a history', async () => {
    const context = { ...twoKnobs, cycles: 60 };
    const figure: Figure = ({ latency_ns = 0 }) => 50e6 + latency_ns;
    const { history } = await search(make('budget'), context, figure);
    const again = await search(make('budget'), context, figure);
    expect(again.history).toEqual(history);
    const other = await search(make('budget'), { ...context, seed: 2 }, figure);
    expect(other.history).not.toEqual(history);
    const next = await make('budget').propose(history.slice(0, 55), context);
    expect(next?.values).toEqual(history[55]?.values);
  });

  it('answers when no window gives a figure, and when all are zero', async () => {
    const none = await search(make('paper'), { ...oneKnob, cycles: 50 }, () => null as never);
    expect(none.history).toHaveLength(50);
    const zero = await search(make('paper'), { ...oneKnob, cycles: 50 }, () => 0);
    expect(zero.reasons.join()).not.toContain('NaN');
  });

  it(`is called ${name}, its other schedule ${name}-budget`, () => {
    expect([make('paper').name, make('budget').name]).toEqual([name, `${name}-budget`]);
  });

  it('refuses more knobs than a table can have', async () => {
    const knobs = [...twoKnobs.knobs, ...twoKnobs.knobs, ...oneKnob.knobs];
    await expect(make('paper').propose([observed(0, {}, 1)], { ...twoKnobs, knobs })).rejects.toMatchObject({
      code: 'usage',
    });
  });
});

describe('exploration', () => {
  it('is the paper’s: 1, then × 0.995 a cycle, never below 0.1', () => {
    expect([0, 1, 200, 1000].map((n) => epsilon('paper', n, 200))).toEqual([1, 0.995, 0.995 ** 200, 0.1]);
  });

  it('with a budget reaches 0.1 after 40 % of the cycles', () => {
    expect(epsilon('budget', 79, 200)).toBeGreaterThan(0.1);
    expect(epsilon('budget', 80, 200)).toBeCloseTo(0.1, 9);
    expect(epsilon('budget', 20, 50)).toBeCloseTo(0.1, 9);
  });

  it('is greedy, and fair among equals', () => {
    expect(greedy([1, 5, 3], () => 0.9)).toBe(1);
    expect([0, 0.4, 0.8].map((lot) => greedy([2, 2, 2], () => lot))).toEqual([0, 1, 2]);
  });
});

describe('rewards', () => {
  const figures = (direction: 'lower' | 'higher', ...given: (number | null)[]) => {
    const rewards = new Rewards({ metric: 'x', direction, unit: 'ns' });
    return given.map((figure, i) => rewards.of(observed(i, {}, figure)));
  };

  it('are the gain over the default as a share, within one', () => {
    expect(figures('lower', 100, 80, 130, 900)).toEqual([0, 0.2, -0.3, -1]);
    expect(figures('higher', 100, 80, 130)).toEqual([0, -0.2, 0.3]);
  });

  it('are −1 for a breach and for a missing figure', () => {
    const rewards = new Rewards({ metric: 'x', direction: 'lower', unit: 'ns' });
    expect(figures('lower', 100, null)).toEqual([0, -1]);
    expect(rewards.of(observed(1, {}, 5, { outcome: 'breach' }))).toBe(-1);
  });
});

it('the nearest cell of a cell is itself', () => {
  const cells = new Cells(twoKnobs);
  cells.settings.forEach((setting, i) => {
    expect(cells.nearest(setting)).toBe(i);
  });
  expect(cells.settings.length).toBeLessThan(64);
});
