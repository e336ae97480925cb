import { describe, expect, it } from 'vitest';
import { combined } from '../../src/lab/windows.js';
import type { Measurement } from '../../src/workloads/types.js';

const window = (metrics: Record<string, number>, wakeup: [number, number][] = []): Measurement => ({
  metrics,
  distributions: { wakeup },
  knobs: { base_slice_ns: 3 },
  windowNs: 100,
});

describe('several windows of one setting', () => {
  it('are their mean; samples add up and the longest is the longest of all', () => {
    const two = [
      window({ wakeup_p99_ns: 10, wakeup_max_ns: 30, wakeup_samples: 5 }),
      window({ wakeup_p99_ns: 20, wakeup_max_ns: 25, wakeup_samples: 7 }),
    ];
    expect(combined(two)).toMatchObject({
      metrics: { wakeup_p99_ns: 15, wakeup_max_ns: 30, wakeup_samples: 12 },
      knobs: { base_slice_ns: 3 },
      windowNs: 200,
    });
  });

  it('put their distributions together by bound, ascending', () => {
    const two = [
      window({}, [
        [8, 1],
        [32, 2],
      ]),
      window({}, [
        [8, 4],
        [16, 1],
      ]),
    ];
    expect(combined(two).distributions.wakeup).toEqual([
      [8, 5],
      [16, 1],
      [32, 2],
    ]);
  });

  it('leave out a figure no window has, and use those that have it', () => {
    expect(combined([window({ a: 4 }), window({})]).metrics).toEqual({ a: 4 });
  });

  it('that are one are that one; none is an error', () => {
    const one = window({ a: 1 });
    expect(combined([one])).toBe(one);
    expect(() => combined([])).toThrow(RangeError);
  });
});
