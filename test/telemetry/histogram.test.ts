import { describe, expect, it } from 'vitest';
import { cellStart, Histogram } from '../../src/telemetry/histogram.js';
import { samplerAddon } from '../../src/telemetry/native.js';

const { cells, steps, unitBits } = samplerAddon().samplerLayout;

/** As bpf/log_linear.h books a value. */
const cellOf = (value: number): number => {
  let cell = 0;
  while (cell < cells - 1 && cellStart(cell + 1) <= value) cell++;
  return cell;
};
const of = (...values: number[]): Histogram => {
  const counts = new Float64Array(cells);
  for (const value of values) counts[cellOf(value)] = (counts[cellOf(value)] as number) + 1;
  const sum = values.reduce((total, value) => total + value, 0);
  return new Histogram(counts, BigInt(sum), BigInt(Math.max(0, ...values)));
};

describe('a histogram', () => {
  it('has the native half’s cells, each at most 1/16 wide', () => {
    expect([steps, unitBits]).toEqual([16, 4]);
    for (let cell = steps; cell < cells; cell++) {
      const width = cellStart(cell + 1) - cellStart(cell);
      expect(width / cellStart(cell)).toBeLessThanOrEqual(1 / steps);
    }
  });

  it('is at most 3.2 % off at any percentile', () => {
    let state = 1;
    const values = Array.from({ length: 4000 }, () => {
      state = (state * 48_271) % 2_147_483_647;
      return 300 + Math.floor(10 ** (2.5 + (5 * state) / 2_147_483_647));
    }).sort((a, b) => a - b);
    const histogram = of(...values);
    for (const share of [0.001, 0.25, 0.5, 0.9, 0.99, 0.999, 1]) {
      const exact = values[Math.ceil(share * values.length) - 1] as number;
      expect(Math.abs((histogram.quantile(share) as number) / exact - 1)).toBeLessThanOrEqual(0.032);
    }
    expect(histogram.meanNs).toBe(values.reduce((sum, value) => sum + value, 0) / values.length);
  });

  it('that is empty has no percentile and no mean', () => {
    expect([of().count, of().quantile(0.5), of().meanNs]).toEqual([0, undefined, undefined]);
  });

  it('never claims more than the largest value', () => {
    expect(of(985_000).quantile(0.5)).toBe(985_000);
  });

  it('lists the steps that hold something', () => {
    expect([...of(5, 5, 1000).steps()]).toEqual([
      { fromNs: 0, toNs: 16, count: 2 },
      { fromNs: 992, toNs: 1024, count: 1 },
    ]);
  });
});
