import { describe, expect, it } from 'vitest';
import { findKnob } from '../../src/knobs/catalogue.js';
import { compare, type Rival } from '../../src/loop/compare.js';
import { fixed } from '../../src/tuners/fixed.js';
import { grid } from '../../src/tuners/grid.js';
import { random } from '../../src/tuners/random.js';
import { better, type Response, SyntheticTarget, workload } from './synthetic.js';

const knobs = [findKnob('latency_ns', 'cfs'), findKnob('min_granularity_ns', 'cfs')];
const options = { workload, knobs, seed: 1 };

function lab(response: Response = better) {
  const targets: SyntheticTarget[] = [];
  const target = async () => {
    const fresh = new SyntheticTarget(response);
    targets.push(fresh);
    return fresh;
  };
  return { targets, target };
}

describe('compare', () => {
  it.each([1, 2, 5])(
    'runs each rival on a target of its own, %i at once, and closes them',
    async (parallel) => {
      const { targets, target } = lab();
      const seen: Rival[] = [];
      const rows = await compare(
        [
          { tuner: random, cycles: 12, target },
          { tuner: grid(4), cycles: 100, target },
          { tuner: fixed, cycles: 12, target },
        ],
        { ...options, parallel, referee: true, onRival: (rival) => seen.push(rival) },
      );
      expect(rows.map(({ name, trials }) => [name, trials])).toEqual([
        ['random', 12],
        ['grid', 14],
        ['fixed', 1],
      ]);
      expect(rows[1]).toMatchObject({ objective: 62e6, refereeObjective: 62e6 });
      expect(rows[2]).toMatchObject({
        objective: 75e6,
        values: { latency_ns: 12e6, min_granularity_ns: 1.5e6 },
      });
      expect(rows[0]?.objective).toBeGreaterThan(62e6);
      expect(seen).toHaveLength(3);
      expect(targets).toHaveLength(3);
      expect(targets.every(({ closed }) => closed)).toBe(true);
    },
  );

  it('leaves out a rival without a figure', async () => {
    const { target } = lab(() => ({}));
    expect(await compare([{ tuner: fixed, cycles: 1, target }], options)).toEqual([]);
  });

  it('ends all workers and closes all targets before an error surfaces', async () => {
    const { targets, target } = lab((values, rigour, window) => {
      if (window === 2) throw new Error('broken');
      return better(values, rigour, window);
    });
    const plans = [random, fixed, random].map((tuner) => ({ tuner, cycles: 6, target }));
    await expect(compare(plans, { ...options, parallel: 2 })).rejects.toThrow('broken');
    expect(targets.every(({ closed }) => closed)).toBe(true);
  });

  it('starts nothing once aborted', async () => {
    const { targets, target } = lab();
    const rows = await compare([{ tuner: random, cycles: 6, target }], {
      ...options,
      signal: AbortSignal.abort(),
    });
    expect(rows).toEqual([]);
    expect(targets).toEqual([]);
  });
});
