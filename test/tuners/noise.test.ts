import { expect, it } from 'vitest';
import { noiseOf } from '../../src/tuners/expert/estimate.js';
import { evidenceFrom } from '../../src/tuners/expert/evidence.js';
import { expert } from '../../src/tuners/expert.js';
import { observed, oneKnob } from './case.js';

const history = (noise?: number) => [
  { ...observed(0, { base_slice_ns: 1_400_000 }, 60e6), ...(noise === undefined ? {} : { noise }) },
  observed(1, { base_slice_ns: 100_000 }, 50e6),
];
const noise = (of?: number) => noiseOf(evidenceFrom(history(of), oneKnob));

it('the expert takes the noise from windows of one setting, where there were several', () => {
  expect([noise(), noise(0.004), noise(0.18)]).toEqual([0.01, 0.01, 0.18]);
});

it('beyond a quarter it stays: else the whole range would look alike', () => {
  expect(noise(3)).toBe(0.25);
});

it('a reason tells the noise as it was measured', async () => {
  const tried = [100_000, 374_000, 11_800_000, 100_000_000];
  const rows = tried.map((slice, i) => observed(i + 1, { base_slice_ns: slice }, 50e6 + i * 1e6));
  const next = await expert.propose([...history(3).slice(0, 1), ...rows], oneKnob);
  expect(next?.reason).toContain('give or take the 300 % by which windows of one setting differ');
});
