import { describe, expect, it } from 'vitest';
import { CALIBRATION_SEEDS, delay, noisy as noise } from '../../../src/bench/change-bench.js';
import { firstShift } from '../../../src/tuners/change-point/cusum.js';

const RUNS = 400;
/** Not one of those the limits were chosen on (`tunesmith bench changes`). */
const FIRST = 1_000_001;
const seeds = Array.from({ length: RUNS }, (_, i) => FIRST + i);

describe('firstShift', () => {
  it('is tested on draws it was not fitted to', () => {
    expect(FIRST).toBeGreaterThan(CALIBRATION_SEEDS);
  });

  it('raises a false alarm in fewer than one of twenty runs of 200 stationary windows', () => {
    const alarms = seeds.filter(
      (seed) =>
        firstShift(
          noise(seed, 200, () => 0),
          0,
        ) !== null,
    );
    expect(alarms.length / RUNS).toBeLessThan(0.05);
  });

  it.each([
    [3, 8],
    [5, 4],
    [-4, 5],
  ])('knows a step of %d standard deviations within %i windows, in nine of ten runs', (step, most) => {
    const delays = seeds.map((seed) => delay(seed, step));
    const quick = delays.filter((delay) => delay <= most).length / RUNS;
    expect(quick).toBeGreaterThan(0.9);
  });

  it('dates a step to its first window, one off at most in four of five runs', () => {
    const dates = seeds.map(
      (seed) =>
        firstShift(
          noise(seed, 120, (i) => (i < 75 ? 0 : 5)),
          0,
        )?.from ?? Number.NaN,
    );
    expect(dates.filter((from) => Math.abs(from - 75) <= 1).length / RUNS).toBeGreaterThan(0.8);
  });

  it('does not take one outlier for a change, however far off', () => {
    const calm = seeds.filter(
      (seed) =>
        firstShift(
          noise(seed, 60, () => 0),
          0,
        ) === null,
    );
    const struck = calm.filter((seed) => {
      const series = noise(seed, 60, () => 0).map((value, i) => (i === 30 ? 1e6 : value));
      return firstShift(series, 0) !== null;
    });
    expect(calm.length).toBeGreaterThan(0.95 * RUNS);
    expect(struck.length / calm.length).toBeLessThan(0.05);
  });

  it('does not call a difference below the floor one', () => {
    const step = [...new Array(12).fill(1), 1.1, 1.1, 1.1, 1.1, 1.1];
    expect(firstShift(step, 0.2)).toBeNull();
    expect(firstShift(step, 0.01)).toEqual({ from: 12, seen: 13 });
  });

  it('says nothing about a series too short to know', () => {
    expect(firstShift([], 0.1)).toBeNull();
    expect(firstShift([1, 9, 1, 9], 0.1)).toBeNull();
  });
});
