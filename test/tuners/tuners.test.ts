import { describe, expect, it } from 'vitest';
import { TunesmithError } from '../../src/errors.js';
import { findKnob } from '../../src/knobs/catalogue.js';
import { contradiction } from '../../src/knobs/contradiction.js';
import type { KnobValues } from '../../src/knobs/types.js';
import { grid, gridPoints } from '../../src/tuners/grid.js';
import { DEFAULT_TUNER, makeTuner, TUNERS } from '../../src/tuners/index.js';
import { lattice } from '../../src/tuners/lattice.js';
import { prng } from '../../src/tuners/prng.js';
import { random } from '../../src/tuners/random.js';
import type { Observation, Tuner, TuningContext } from '../../src/tuners/types.js';
import { defaultsOf, observed, oneKnob, twoKnobs } from './case.js';

/** All proposals of a tuner, at most `context.cycles - 1`. */
async function proposals(tuner: Tuner, context: TuningContext): Promise<KnobValues[]> {
  const history: Observation[] = [observed(0, defaultsOf(context), 1)];
  while (history.length < context.cycles) {
    const proposal = await tuner.propose(history, context);
    if (!proposal) break;
    expect(proposal.reason).not.toBe('');
    history.push(observed(history.length, proposal.values, 1));
  }
  return history.slice(1).map(({ values }) => values);
}

describe('prng', () => {
  it('repeats itself for a seed and differs between seeds', () => {
    const draw = (...seeds: number[]) => Array.from({ length: 5 }, prng(...seeds));
    expect(draw(7)).toEqual(draw(7));
    expect(draw(7)).not.toEqual(draw(8));
    expect(draw(1, 2)).not.toEqual(draw(2, 1));
  });

  it('is even over [0, 1)', () => {
    const next = prng(3);
    const bins = new Array(10).fill(0);
    for (let i = 0; i < 10_000; i++) bins[Math.floor(next() * 10)]++;
    expect(Math.min(...bins)).toBeGreaterThan(900);
    expect(Math.max(...bins)).toBeLessThan(1100);
  });
});

describe('fixed', () => {
  it('keeps the default', async () => {
    expect(await proposals(makeTuner('fixed'), oneKnob)).toEqual([]);
  });
});

describe('random', () => {
  it('is the same for the same seed and another for another', async () => {
    const first = await proposals(random, twoKnobs);
    expect(first).toHaveLength(11);
    expect(await proposals(random, twoKnobs)).toEqual(first);
    expect(await proposals(random, { ...twoKnobs, seed: 2 })).not.toEqual(first);
  });

  it('stays in range, contradicts nothing, and is even on the log scale', async () => {
    const drawn = await proposals(random, { ...twoKnobs, cycles: 400 });
    for (const values of drawn) expect(contradiction(values)).toBeNull();
    const latencies = drawn.map(({ latency_ns }) => latency_ns as number);
    expect(Math.min(...latencies)).toBeGreaterThanOrEqual(2e6);
    expect(Math.max(...latencies)).toBeLessThanOrEqual(100e6);
    // The geometric middle of 2-100 ms is 14 ms; short latencies lose some draws to contradictions.
    const low = latencies.filter((value) => value < 14.1e6).length / latencies.length;
    expect(low).toBeGreaterThan(0.35);
    expect(low).toBeLessThan(0.52);
  });

  it('respects the default of a knob that is not tuned', async () => {
    const context = { ...twoKnobs, knobs: [findKnob('latency_ns', 'cfs')], cycles: 100 };
    for (const { latency_ns } of await proposals(random, {
      ...context,
      defaults: { ...context.defaults, min_granularity_ns: 10e6 },
    }))
      expect(latency_ns).toBeGreaterThanOrEqual(10e6);
  });
});

describe('grid', () => {
  it('goes through all points once, ends included, and then stops', async () => {
    const tried = await proposals(grid(5), { ...oneKnob, cycles: 100 });
    expect(tried.map(({ base_slice_ns }) => base_slice_ns)).toEqual([
      100_000, 562_000, 3_160_000, 17_800_000, 100_000_000,
    ]);
  });

  it('includes the corners and skips contradictory points', async () => {
    const points = gridPoints(twoKnobs, 8);
    const has = (latency_ns: number, min_granularity_ns: number) =>
      points.some(
        (point) => point.latency_ns === latency_ns && point.min_granularity_ns === min_granularity_ns,
      );
    expect(has(2e6, 2e5)).toBe(true);
    expect(has(100e6, 10e6)).toBe(true);
    expect(has(100e6, 2e5)).toBe(true);
    expect(has(2e6, 10e6)).toBe(false);
    expect(points.every((point) => contradiction(point) === null)).toBe(true);
    expect(points.length).toBeGreaterThan(50);
    expect(points.length).toBeLessThan(64);
    expect(await proposals(grid(8), { ...twoKnobs, cycles: 100 })).toEqual(points);
  });

  it('is as fine as the cycles allow', () => {
    expect(gridPoints({ ...oneKnob, cycles: 26 })).toHaveLength(25);
    const points = gridPoints({ ...twoKnobs, cycles: 50 });
    expect(points.length).toBeLessThanOrEqual(49);
    expect(points.length).toBeGreaterThan(35);
    expect(gridPoints({ ...oneKnob, cycles: 1 })).toHaveLength(2);
  });

  it('has every value of a small count once', () => {
    const knob = { ...findKnob('nr_migrate', 'cfs'), max: 4 };
    expect(lattice([knob], 20, {}).map(({ nr_migrate }) => nr_migrate)).toEqual([1, 2, 3, 4]);
  });
});

describe('registry', () => {
  it('makes every tuner by name', () => {
    expect(TUNERS[0]).toBe(DEFAULT_TUNER);
    expect(DEFAULT_TUNER).toBe('expert');
    expect(TUNERS).toEqual(
      expect.arrayContaining([
        'grid',
        'random',
        'fixed',
        'bayesian',
        'q-learning',
        'dqn',
        'llm',
        'speculative',
      ]),
    );
    const models = { model: 'command:true' };
    for (const name of TUNERS.filter((other) => other !== 'human'))
      expect(makeTuner(name, { models }).name).toBe(name);
  });

  it.each(['exprt', '__proto__', ''])('refuses %j', (name) => {
    expect(() => makeTuner(name)).toThrow(TunesmithError);
  });

  it('names the near ones', () => {
    expect(() => makeTuner('exprt')).toThrow(expect.objectContaining({ hint: 'did you mean expert?' }));
  });
});
