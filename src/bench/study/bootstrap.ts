import { prng } from '../../tuners/prng.js';

const RESAMPLES = 2000;

/** A figure over seeds and where it would lie in 95 of 100 repetitions. */
export interface Interval {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
  /** Values it rests on; those that were missing are not among them. */
  readonly count: number;
}

/** Mean with its 95 % percentile bootstrap interval (Efron, 1979), the same every time; null for no value at all. */
export function interval(values: readonly number[]): Interval | null {
  if (values.length === 0) return null;
  const next = prng(values.length, RESAMPLES);
  const means = Array.from({ length: RESAMPLES }, () =>
    meanOf(values.map(() => values[Math.floor(next() * values.length)] as number)),
  ).sort((a, b) => a - b);
  const at = (share: number): number => means[Math.round(share * (RESAMPLES - 1))] as number;
  return { mean: meanOf(values), low: at(0.025), high: at(0.975), count: values.length };
}

export const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** Geometric mean: for ratios. */
export const geometric = (values: readonly number[]): number => Math.exp(meanOf(values.map(Math.log)));
