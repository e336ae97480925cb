import { expect, it } from 'vitest';
import { tunerBench } from '../../src/bench/tuner-cost.js';
import { TUNERS } from '../../src/tuners/index.js';

it('times every proposal of every tuner that needs no person', async () => {
  const { rows, text } = await tunerBench(1, () => {});
  expect(rows.map(({ tuner }) => tuner)).toEqual(TUNERS.filter((name) => !['human', 'fixed'].includes(name)));
  for (const { tuner, proposals, middle, longest } of rows) {
    expect(proposals, tuner).toBeGreaterThan(10);
    expect(longest).toBeGreaterThanOrEqual(middle);
    expect(text).toContain(`| ${tuner}`);
  }
});
