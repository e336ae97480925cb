import { describe, expect, it } from 'vitest';
import { cumulative, quantile } from '../../src/report/charts/cumulative.js';
import { spread } from '../../src/report/charts/labels.js';
import { linearScale, logScale } from '../../src/report/charts/scale.js';

describe('linearScale', () => {
  it('maps the ends to the pixels, and ticks at round values within', () => {
    const { at, ticks } = linearScale([0, 95], [300, 0], 5);
    expect([at(0), at(95)]).toEqual([300, 0]);
    expect(ticks).toEqual([0, 20, 40, 60, 80]);
  });

  it('has no tail of binary fractions in its ticks', () => {
    expect(linearScale([0, 0.5], [0, 1], 5).ticks).toEqual([0, 0.1, 0.2, 0.3, 0.4, 0.5]);
  });

  it('stays finite when all values are equal', () => {
    expect(linearScale([7, 7], [0, 100], 5).at(7)).toBe(0);
  });
});

describe('logScale', () => {
  it('gives equal ratios equal distances', () => {
    const { at } = logScale([1, 10_000], [0, 400], 5);
    expect([1, 10, 100, 10_000].map((value) => Math.round(at(value)))).toEqual([0, 100, 200, 400]);
  });

  it('chooses 1-2-5, then 1-3, then powers of ten, as room allows', () => {
    expect(logScale([1, 10], [0, 1], 4).ticks).toEqual([1, 2, 5, 10]);
    expect(logScale([1, 100], [0, 1], 4).ticks).toEqual([1, 3, 10, 30, 100]);
    expect(logScale([1, 1e4], [0, 1], 4).ticks).toEqual([1, 10, 100, 1000, 10_000]);
    expect(logScale([1, 1e9], [0, 1], 4).ticks.length).toBeLessThanOrEqual(5);
  });

  it('has ticks within a range narrower than a decade', () => {
    expect(logScale([61, 69], [0, 1], 5).ticks.length).toBeGreaterThanOrEqual(3);
  });

  it('becomes linear where the range reaches zero', () => {
    expect(logScale([0, 10], [0, 100], 5).at(5)).toBe(50);
  });
});

describe('spread', () => {
  it('leaves labels that do not meet where they are', () => {
    expect(spread([10, 50], 15, [0, 100])).toEqual([10, 50]);
  });

  it('moves labels apart and keeps them inside', () => {
    expect(spread([50, 52, 98, 99], 15, [0, 100])).toEqual([50, 65, 85, 100]);
    expect(spread([-5, 0], 15, [0, 100])).toEqual([0, 15]);
  });
});

describe('cumulative', () => {
  it('adds counts up to one, in ascending order', () => {
    const points = cumulative([
      [200, 30],
      [100, 50],
      [400, 20],
    ]);
    expect(points).toEqual([
      { ns: 100, share: 0.5 },
      { ns: 200, share: 0.8 },
      { ns: 400, share: 1 },
    ]);
    expect([0.5, 0.51, 0.99].map((share) => quantile(points, share))).toEqual([100, 200, 400]);
  });

  it('is empty when nothing was counted', () => {
    expect(cumulative([])).toEqual([]);
    expect(cumulative([[100, 0]])).toEqual([]);
    expect(quantile([], 0.5)).toBeUndefined();
  });
});
