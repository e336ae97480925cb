import { expect, it } from 'vitest';
import { spearman } from '../../../src/bench/rank.js';
import type { Knob } from '../../../src/knobs/types.js';
import { encodeCosts } from '../../../src/tuners/bayesian/costs.js';
import { Forest } from '../../../src/tuners/bayesian/forest.js';
import { expectedImprovement, logExpectedImprovement } from '../../../src/tuners/bayesian/improvement.js';
import { sobol } from '../../../src/tuners/bayesian/sobol.js';
import { decode, encode } from '../../../src/tuners/bayesian/space.js';
import { prng } from '../../../src/tuners/prng.js';
import { furthest, reference } from './reference.js';

const EXACT = 1e-9;
const range = (min: number, max: number): Knob => ({
  ...{ name: 'a', unit: 'ns', min, max, scale: 'log', classes: ['cfs'] },
  ...{ risk: 'low', meaning: '', source: '' },
});
const KNOBS = { a: range(2e6, 1e8), b: range(2e5, 1e7) };

it('places of values are SMAC3’s, to 1e-9', () => {
  const ours = reference.encoder.map(({ knob, value }) => encode(KNOBS[knob], value));
  const theirs = reference.encoder.map(({ vector }) => vector);
  expect(furthest(ours, theirs)).toBeLessThan(EXACT);
});

it('values at places are SMAC3’s', () => {
  const given = reference.encoder.filter(({ from }) => from !== undefined);
  expect(given.length).toBeGreaterThan(40);
  for (const { knob, value, from } of given) expect(decode(KNOBS[knob], from as number)).toBe(value);
});

it.each(reference.costs.map((row) => [row.costs.length, row] as const))(
  'costs of %i trials are encoded as SMAC3 does, to 1e-9',
  (_, { costs, encoded }) => {
    expect(furthest(encodeCosts(costs), encoded)).toBeLessThan(EXACT);
  },
);

it('equal costs have nothing to tell and break nothing', () => {
  expect(encodeCosts([5e7, 5e7, 5e7])).toEqual([0, 0, 0]);
});

it.each(reference.improvement.map((row) => [row.log ? 'log-' : '', row.eta, row] as const))(
  '%sEI at eta %d is SMAC3’s, to 1e-9',
  (_, eta, { log, mean, variance, ei }) => {
    const improvement = log ? logExpectedImprovement : expectedImprovement;
    const ours = mean.map((m, i) => improvement({ mean: m, variance: variance[i] as number }, eta));
    expect(furthest(ours, ei)).toBeLessThan(EXACT);
  },
);

it('Sobol points without scrambling are SciPy’s', () => {
  expect(sobol(64, 8)).toEqual(reference.sobol);
});

it('scrambled Sobol points stay a net: each of 16 parts of each axis has one of 16 points', () => {
  const points = sobol(16, 12, prng(3));
  for (let axis = 0; axis < 12; axis++) {
    const parts = points.map((point) => Math.floor((point[axis] as number) * 16));
    expect(new Set(parts).size).toBe(16);
  }
  expect(points).not.toEqual(sobol(16, 12, prng(4)));
});

it('a forest over one knob, its samples given, is SMAC3’s, to 1e-9', () => {
  const { X, y, samples, asked, mean, variance } = reference.forest[0] as (typeof reference.forest)[number];
  const forest = Forest.grown(X, y, samples, prng(1));
  const ours = asked.map((place) => forest.predict(place));
  expect(
    furthest(
      ours.map((p) => p.mean),
      mean,
    ),
  ).toBeLessThan(EXACT);
  expect(
    furthest(
      ours.map((p) => p.variance),
      variance,
    ),
  ).toBeLessThan(EXACT);
});

it.each([1, 2])('with more knobs it differs only where equal splits are left to chance (%i)', (which) => {
  const { X, y, samples, asked, mean } = reference.forest[which] as (typeof reference.forest)[number];
  const forest = Forest.grown(X, y, samples, prng(1));
  const ours = asked.map((place) => forest.predict(place).mean);
  expect(spearman(ours, mean)).toBeGreaterThan(0.97);
  const spread = Math.max(...mean) - Math.min(...mean);
  const apart = ours.map((value, i) => Math.abs(value - (mean[i] as number)));
  expect(apart.reduce((sum, d) => sum + d, 0) / apart.length).toBeLessThan(0.03 * spread);
});
