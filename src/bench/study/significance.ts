import { normalCdf } from '../../tuners/bayesian/normal.js';

/**
 * Two-sided p-value that two samples come from one distribution (Mann and Whitney's U, normal approximation with
 * corrections for ties and continuity; fit for eight values a side and more). 1 when all values are equal.
 */
export function mannWhitney(a: readonly number[], b: readonly number[]): number {
  const total = a.length + b.length;
  const counts = new Map<number, number>();
  for (const value of [...a, ...b]) counts.set(value, (counts.get(value) ?? 0) + 1);
  const wins = a.reduce((sum, x) => sum + b.reduce((won, y) => won + (x > y ? 1 : x === y ? 0.5 : 0), 0), 0);
  const ties = [...counts.values()].reduce((sum, count) => sum + count ** 3 - count, 0);
  const variance = ((a.length * b.length) / 12) * (total + 1 - ties / (total * (total - 1)));
  if (variance <= 0) return 1;
  const off = Math.max(0, Math.abs(wins - (a.length * b.length) / 2) - 0.5);
  return Math.min(1, 2 * normalCdf(-off / Math.sqrt(variance)));
}

/** Holm's correction: p-values of a family of tests, each comparable with the level of the whole. */
export function holm(values: readonly number[]): number[] {
  const order = values.map((p, i) => ({ p, i })).sort((a, b) => a.p - b.p);
  const corrected = values.map(() => 1);
  let floor = 0;
  order.forEach(({ p, i }, rank) => {
    floor = Math.max(floor, Math.min(1, p * (values.length - rank)));
    corrected[i] = floor;
  });
  return corrected;
}
