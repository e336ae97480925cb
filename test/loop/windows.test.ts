import { describe, expect, it } from 'vitest';
import { figuresIn, middle, noiseIn, winsNeeded } from '../../src/loop/windows.js';
import type { Measurement } from '../../src/workloads/types.js';

const window = (metrics: Record<string, number>, rows: [number, number][] = []): Measurement => ({
  metrics,
  distributions: { wakeup: rows },
  knobs: { slice_ns: 1 },
  windowNs: 1e9,
});

describe('several windows of one setting', () => {
  it('become one: medians of what each has, distributions added up', () => {
    const windows = [
      window({ p99: 9, rate: 1 }, [
        [10, 1],
        [30, 2],
      ]),
      window({ p99: 1, rate: 3 }, [[20, 5]]),
      window({ p99: 5 }, [[10, 4]]),
    ];
    expect(middle(windows)).toEqual({
      metrics: { p99: 5, rate: 2 },
      distributions: {
        wakeup: [
          [10, 5],
          [20, 5],
          [30, 2],
        ],
      },
      knobs: { slice_ns: 1 },
      windowNs: 1e9,
    });
  });

  it('that are one stay what it was', () => {
    const only = window({ p99: 9 });
    expect(middle([only])).toBe(only);
  });

  it('give the figures they have; one that is no number is none', () => {
    const objective = { metric: 'p99', direction: 'lower', unit: 'ns' } as const;
    expect(figuresIn([window({ p99: 2 }), window({}), window({ p99: Number.NaN })], objective)).toEqual([2]);
  });
});

describe('noise', () => {
  it('is half the range over the median', () => {
    expect(noiseIn([90, 100, 130])).toBeCloseTo(0.2);
  });

  it('is unknown for one figure, and where it would be a share of nothing', () => {
    expect([noiseIn([5]), noiseIn([]), noiseIn([-1, 0, 1])]).toEqual([undefined, undefined, undefined]);
  });
});

// Binomial tables at 5 %, one-sided: 1/32 for 5 of 5, 9/256 for 7 of 8, 37/256 for 6 of 8.
it.each([
  [1, 2],
  [4, 5],
  [5, 5],
  [6, 6],
  [8, 7],
  [10, 9],
  [12, 10],
  [20, 15],
])('of %d pairs, %d have to be better', (pairs, needed) => {
  expect(winsNeeded(pairs)).toBe(needed);
});
