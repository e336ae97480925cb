import { expect, it } from 'vitest';
import { holm, mannWhitney } from '../../../src/bench/study/significance.js';

// Expected values: scipy.stats.mannwhitneyu(a, b, method='asymptotic') of SciPy 1.17.1.
const A = [1.1, 2.3, 2.9, 3.4, 4.8, 5.0, 6.1, 7.7];
const B = [2.3, 4.1, 5.0, 6.6, 7.2, 8.8, 9.3, 9.9];

it('is SciPy’s U test, ties included, whichever sample comes first', () => {
  expect(mannWhitney(A, B)).toBeCloseTo(0.08266988400254129, 9);
  expect(mannWhitney(B, A)).toBeCloseTo(0.08266988400254129, 9);
});

it('says 1 for equal values', () => {
  expect(mannWhitney([3, 3, 3], [3, 3, 3])).toBe(1);
});

it('corrects by Holm', () => {
  expect(holm([0.01, 0.04, 0.03])).toEqual([0.03, 0.06, 0.06]);
  expect(holm([0.9, 0.6])).toEqual([1, 1]);
});
