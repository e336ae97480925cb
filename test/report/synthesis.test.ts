import { describe, expect, it } from 'vitest';
import { generations } from '../../src/report/charts/family.js';
import { frontPoints, paretoOf } from '../../src/report/charts/front.js';
import { renderSynthesis } from '../../src/report/synthesis.js';
import { resultOf } from '../synthesis/outcome.js';

const result = resultOf();

describe('the report of a synthesis', () => {
  it('says the answer and what lies behind it, escapes, and loads nothing', () => {
    const page = renderSynthesis({ ...result, goal: 'lower <p99>' });
    expect(page).toContain('Use the synthesized policy for mixed on 2 CPUs');
    expect(page).toContain('lower &lt;p99&gt;');
    expect(page).toContain('Workloads it never saw');
    for (const name of ['gain over EEVDF of each candidate', 'latency against throughput', 'family tree'])
      expect(page).toContain(`aria-label="${name}"`);
    expect(page).not.toMatch(/NaN|Infinity|undefined|<script|src=|href=/);
  });

  it('says plainly when the folder’s policy is not to be used', () => {
    const page = renderSynthesis(resultOf({ loss: 0.05 }));
    expect(page).toContain('not recommended');
    expect(page).toContain('worse than EEVDF on wakeup');
  });

  it('stands where nothing held', () => {
    const tried = result.tried
      .slice(0, 1)
      .map((one) => ({ ...one, gain: null, value: null, dropped: 'load' }));
    const referee = { ...result.referee, repository: [], finalists: [] };
    const sweep = { ...result.sweep, policies: [] };
    const page = renderSynthesis({ ...result, tried, referee, sweep, policy: null });
    expect(page).not.toMatch(/NaN|Infinity|undefined/);
  });
});

it('the front is what nobody beats in both', () => {
  const points = frontPoints(result);
  const front = paretoOf(points);
  expect(front.length).toBeGreaterThan(1);
  for (const one of front)
    expect(points.some((other) => other.latency < one.latency && other.throughput > one.throughput)).toBe(
      false,
    );
});

it('generations put every parent before its children', () => {
  const rows = generations(result.tried, result.policy?.candidate ?? '');
  const depth = new Map(rows.flatMap((row, i) => row.map(({ id }) => [id, i] as const)));
  for (const one of rows.flat())
    for (const parent of one.parents) expect(depth.get(parent)).toBeLessThan(depth.get(one.id) as number);
});
