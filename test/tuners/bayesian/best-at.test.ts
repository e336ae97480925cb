import { expect, it } from 'vitest';
import { holm, mannWhitney } from '../../../src/bench/study/significance.js';
import { bestAt, FUNCTIONS, randomAt } from './functions.js';
import { reference } from './reference.js';

const MARKS = [20, 50];
const names = Object.keys(FUNCTIONS) as (keyof typeof FUNCTIONS)[];
const theirs = (name: string, mark: number) => reference.bestAt[name]?.[mark] as readonly number[];
const SEEDS = Array.from({ length: theirs('branin', 50).length }, (_, i) => i + 1);

it('finds as good settings as SMAC3: Mann–Whitney with Holm, 5 %, 3 functions, after 20 and 50 trials', () => {
  expect(SEEDS.length).toBeGreaterThanOrEqual(30);
  const tests = names.flatMap((name) => {
    const runs = SEEDS.map((seed) => bestAt(name, seed, MARKS));
    return MARKS.map((mark, i) => {
      const ours = runs.map((run) => run[i] as number);
      return { what: `${name} at ${mark}`, p: mannWhitney(ours, theirs(name, mark)) };
    });
  });
  const corrected = holm(tests.map(({ p }) => p));
  const text = tests.map(({ what, p }, i) => `${what}: p ${p.toFixed(3)}, Holm ${corrected[i]?.toFixed(3)}`);
  expect(Math.min(...corrected), text.join('\n')).toBeGreaterThan(0.05);
});

it('the same test tells random search from SMAC3, where twenty trials are few', () => {
  const found = SEEDS.map((seed) => randomAt('wells', seed, 20));
  expect(mannWhitney(found, theirs('wells', 20))).toBeLessThan(0.05);
});
