import { describe, expect, it } from 'vitest';
import { positionOf } from '../../src/knobs/scale.js';
import type { Knob, KnobValues } from '../../src/knobs/types.js';
import { normalDraw } from '../../src/tuners/bayesian/normal.js';
import { lastChange, sinceChange } from '../../src/tuners/change-point.js';
import { expert } from '../../src/tuners/expert.js';
import { prng } from '../../src/tuners/prng.js';
import type { Observation } from '../../src/tuners/types.js';
import { defaultsOf, observed, oneKnob } from './case.js';

const knob = oneKnob.knobs[0] as Knob;
const CYCLES = 60;
const STEP = 25;
const context = { ...oneKnob, cycles: CYCLES };
const at = (values: KnobValues): number => positionOf(knob, values.base_slice_ns as number);

/** A load whose best lies at 0.2 of the range and, after a step of its rate, at 0.8. */
function window(cycle: number, values: KnobValues, noise: () => number, step: number) {
  const [best, rate] = cycle < step ? [0.2, 300] : [0.8, 1100];
  const figure = 60e6 * (1 + 2 * (at(values) - best) ** 2) * (1 + 0.02 * noise());
  const metrics = { throughput_per_s: rate * (1 + 0.02 * noise()) };
  return observed(cycle, values, figure, { metrics });
}

async function run(seed: number, step: number) {
  const next = prng(seed);
  const noise = () => normalDraw(next);
  const history: Observation[] = [window(0, defaultsOf(context), noise, step)];
  const reasons: string[] = [];
  while (history.length < CYCLES) {
    const proposal = await expert.propose(history, context);
    reasons.push(proposal?.reason ?? '');
    // A tuner that has settled leaves its best in force, and the load goes on.
    const best = history.reduce((a, b) => ((b.objective as number) < (a.objective as number) ? b : a));
    history.push(window(history.length, proposal?.values ?? best.values, noise, step));
  }
  return { history, reasons };
}

describe('the expert, when the load changes', () => {
  it('says so within four windows, measures the default and the old best again, and finds the new best', async () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const { history, reasons } = await run(seed, STEP);
      const noticed = reasons.findIndex((reason) => reason.includes('shifted')) + 1;
      expect(noticed - STEP, `seed ${seed}`).toBeGreaterThan(0);
      expect(noticed - STEP, `seed ${seed}`).toBeLessThanOrEqual(4);
      expect(reasons[noticed - 1]).toMatch(/^throughput_per_s shifted in cycle 2\d\. Measuring/);
      const again = reasons.slice(noticed - 1, noticed + 1).join();
      expect(again).toMatch(/the default|what was best before/);
      const after = history.slice(noticed, noticed + 15).map(({ values }) => Math.abs(at(values) - 0.8));
      expect(Math.min(...after), `seed ${seed}`).toBeLessThan(0.1);
    }
  });

  it('sees no change where there is none, in nine of ten runs', async () => {
    const seeds = Array.from({ length: 20 }, (_, i) => i + 1);
    const runs = await Promise.all(seeds.map((seed) => run(seed, Number.POSITIVE_INFINITY)));
    const alarms = runs.filter(({ history }) => lastChange(history, context) !== null);
    expect(alarms.length).toBeLessThanOrEqual(2);
  });
});

it('forgives breaches from before a change was known, and no later ones', () => {
  const history = Array.from({ length: 8 }, (_, i) =>
    observed(i, { base_slice_ns: 1e6 }, 50e6, { outcome: i > 3 ? 'breach' : 'kept' }),
  );
  const since = sinceChange(history, { from: 4, seen: 6, what: 'throughput_per_s', isSure: true });
  expect(since.map(({ outcome }) => outcome)).toEqual(['put back', 'put back', 'breach', 'breach']);
});

describe('lastChange', () => {
  const same = (figures: readonly number[], metrics = {}) =>
    figures.map((figure, i) => observed(i, { base_slice_ns: 1_400_000 }, figure, { metrics }));
  const steady = (count: number, level: number) =>
    Array.from({ length: count }, (_, i) => level * (1 + 0.01 * Math.sin(i * 2.3)));

  it('sees a shift of the objective where a setting stays in force', () => {
    const change = lastChange(same([...steady(20, 50e6), ...steady(6, 80e6)]), oneKnob);
    expect(change).toEqual({ from: 20, seen: 21, what: 'wakeup_p99_ns', isSure: true });
  });

  it('sees the last of two shifts', () => {
    const series = [...steady(20, 50e6), ...steady(20, 80e6), ...steady(20, 40e6)];
    expect(lastChange(same(series), oneKnob)?.from).toBe(40);
  });

  it('takes different figures of different settings for what they are', () => {
    const history = Array.from({ length: 40 }, (_, i) =>
      observed(i, { base_slice_ns: Math.round(1e5 * 1.18 ** i) }, i < 20 ? 50e6 : 100e6),
    );
    expect(lastChange(history, oneKnob)).toBeNull();
  });

  it('takes a shift that no setting shows on both sides of it for the knobs’ work', () => {
    const window = (i: number, slice: number, rate: number) =>
      observed(i, { base_slice_ns: slice }, 50e6, { metrics: { throughput_per_s: rate } });
    const before = Array.from({ length: 12 }, (_, i) => window(i, 1e6, 700));
    const moved = Array.from({ length: 4 }, (_, i) => window(12 + i, 8e6, 400));
    expect(lastChange([...before, ...moved], oneKnob)).toMatchObject({ from: 12, isSure: false });
    expect(lastChange([...before, ...moved, window(16, 1e6, 690)], oneKnob)).toBeNull();
    expect(lastChange([...before, ...moved, window(16, 1e6, 400)], oneKnob)).toMatchObject({ isSure: true });
  });

  it('copes with windows without figures', () => {
    const history = same(steady(30, 5e7)).map((item, i) => (i % 3 ? item : { ...item, objective: null }));
    expect(lastChange(history, oneKnob)).toBeNull();
    expect(lastChange([], oneKnob)).toBeNull();
  });
});
