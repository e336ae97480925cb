import { expect, it } from 'vitest';
import { QuietValues } from '../../../src/tuners/change-point/quiet.js';
import { prng } from '../../../src/tuners/prng.js';

const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  const upper = sorted[half] as number;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] as number) + upper) / 2;
};

it.each([1, 2, 3])('median and deviation are those of the last sixty values, sorted anew (%i)', (seed) => {
  const draw = prng(seed);
  // Coarse draws, so that many are equal.
  const series = Array.from({ length: 300 }, () => Math.round(20 * draw()) / 7);
  const quiet = new QuietValues(series);
  for (let end = 1; end <= series.length; end += 1 + Math.floor(3 * draw())) {
    const last = series.slice(Math.max(0, end - 60), end);
    const center = median(last);
    const deviation = 1.4826 * median(last.map((value) => Math.abs(value - center)));
    const found = quiet.until(end).estimate();
    expect(found.center).toBe(center);
    expect(found.spread).toBeCloseTo(deviation * (1 + 6 / last.length), 12);
  }
});
