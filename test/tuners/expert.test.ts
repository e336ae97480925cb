import { describe, expect, it } from 'vitest';
import { findKnob } from '../../src/knobs/catalogue.js';
import { contradiction } from '../../src/knobs/contradiction.js';
import type { KnobValues } from '../../src/knobs/types.js';
import { expert } from '../../src/tuners/expert.js';
import type { Observation, TuningContext } from '../../src/tuners/types.js';
import { defaultsOf, observed, oneKnob, twoKnobs } from './case.js';

type Answer = (values: KnobValues, cycle: number) => Pick<Observation, 'objective' | 'outcome'>;

async function run(context: TuningContext, answer: Answer, metrics: Readonly<Record<string, number>> = {}) {
  const history = [observed(0, defaultsOf(context), 100e6, { metrics })];
  const reasons: string[] = [];
  while (history.length < context.cycles) {
    const proposal = await expert.propose(history, context);
    if (!proposal) break;
    reasons.push(proposal.reason);
    const { objective, outcome } = answer(proposal.values, history.length);
    history.push(observed(history.length, proposal.values, objective, { outcome, metrics }));
  }
  return { tried: history.slice(1).map(({ values }) => values), reasons };
}

const flat: Answer = () => ({ objective: 100e6, outcome: 'put back' });
const slices = (tried: readonly KnobValues[]) => tried.map(({ base_slice_ns }) => base_slice_ns as number);

describe('expert', () => {
  it('moves wide first, both ways and to both ends, then never repeats itself', async () => {
    const tried = slices((await run(oneKnob, flat)).tried);
    expect(tried).toHaveLength(11);
    expect(tried.slice(0, 4)).toEqual([374_000, 11_800_000, 100_000, 100_000_000]);
    expect(new Set(tried).size).toBe(11);
  });

  it('plays period and floor against each other for the CFS pair, without contradictions', async () => {
    const { tried } = await run({ ...twoKnobs, cycles: 40 }, flat);
    expect(tried.slice(0, 4)).toEqual([
      { latency_ns: 2e6, min_granularity_ns: 2e5 },
      { latency_ns: 100e6, min_granularity_ns: 10e6 },
      { latency_ns: 100e6, min_granularity_ns: 2e5 },
      { latency_ns: 10e6, min_granularity_ns: 10e6 },
    ]);
    for (const values of tried) expect(contradiction(values)).toBeNull();
  });

  it('gives a reason with the real numbers every time', async () => {
    const metrics = { wakeup_p99_ns: 12e6, switches_per_s: 4000, runq_waiting: 10, idle_share: 0 };
    const { reasons } = await run(
      twoKnobs,
      (_, cycle) => ({ objective: (100 - cycle) * 1e6, outcome: 'kept' }),
      metrics,
    );
    expect(reasons[0]).toContain('txn_p99_ns is 100 ms by default, and wake-up p99 12 ms is 6 turns of 2 ms');
    expect(reasons[0]).toContain('with 6 runnable tasks per CPU latency_ns sets the turn, 333 µs');
    expect(reasons[3]).toContain('min_granularity_ns overrides latency_ns and sets the turn, 10 ms');
    expect(reasons[4]).toContain('Best so far 96 ms with latency_ns 10 ms, min_granularity_ns 10 ms');
    for (const reason of reasons) {
      expect(reason).toMatch(/\d/);
      expect(reason).toMatch(/\.$/);
      expect(reason.length).toBeLessThan(320);
    }
  });

  it('starts with longer turns when switching is the cost', async () => {
    const busy = await run(oneKnob, flat, { switches_per_s: 60_000, wakeup_p99_ns: 100_000 });
    expect(slices(busy.tried)[0]).toBe(11_800_000);
    expect(busy.reasons[0]).toContain('one switch per 33.3 µs');
    const throughput = { metric: 'throughput_per_s', direction: 'higher', unit: 'per_s' } as const;
    expect(slices((await run({ ...oneKnob, objective: throughput }, flat)).tried)[0]).toBe(11_800_000);
  });

  it('starts with shorter turns when tasks are treated unevenly', async () => {
    const { reasons } = await run(oneKnob, flat, { switches_per_s: 60_000, fairness_jain: 0.6 });
    expect(reasons[0]).toContain('fairness is only 0.60');
  });

  it('starts with the balancing knobs when CPUs are idle beside waiting tasks', async () => {
    const knobs = [...oneKnob.knobs, findKnob('migration_cost_ns', 'eevdf')];
    const { tried, reasons } = await run({ ...oneKnob, knobs }, flat, { idle_while_queued_share: 0.2 });
    expect(tried[0]).toEqual({ base_slice_ns: 1_400_000, migration_cost_ns: 1_000 });
    expect(reasons[0]).toContain('idle beside waiting tasks 20 % of the time');
  });

  it('does not go at or beyond a breach again', async () => {
    const { tried, reasons } = await run(oneKnob, ({ base_slice_ns: slice = 0 }) => ({
      objective: 50e6,
      outcome: slice < 500_000 ? 'breach' : 'put back',
    }));
    expect(slices(tried)[0]).toBe(374_000);
    expect(Math.min(...slices(tried).slice(1))).toBeGreaterThan(374_000);
    expect(reasons[1]).toMatch(/^The last setting breached a guardrail/);
  });

  it('does not repeat what was rejected', async () => {
    const { tried } = await run(oneKnob, () => ({ objective: null, outcome: 'rejected' }));
    expect(new Set(slices(tried)).size).toBe(tried.length);
  });

  it('goes on without a single figure', async () => {
    const { tried, reasons } = await run(oneKnob, () => ({ objective: null, outcome: 'put back' }));
    expect(tried).toHaveLength(11);
    const none = await expert.propose([observed(0, defaultsOf(oneKnob), null)], oneKnob);
    expect(none?.reason).toContain('–');
    expect(reasons.join()).not.toContain('NaN');
  });

  it('is not confused by zero and by figures that should rise', async () => {
    const objective = { metric: 'throughput_per_s', direction: 'higher', unit: 'per_s' } as const;
    const context = { ...oneKnob, objective };
    const { tried } = await run(context, ({ base_slice_ns: slice = 1 }) => ({
      objective: slice > 50e6 ? 0 : slice * 10,
      outcome: 'put back',
    }));
    const last = slices(tried).slice(-3);
    for (const slice of last) expect(slice).toBeGreaterThan(17e6);
    for (const slice of last) expect(slice).toBeLessThan(90e6);
  });

  it('stops when refining gains no more than the noise', async () => {
    const rough: Answer = (_, cycle) => ({
      objective: 100e6 * (1 + 0.02 * Math.sin(cycle * 7)),
      outcome: 'put back',
    });
    const { tried } = await run({ ...oneKnob, cycles: 200 }, rough);
    expect(tried.length).toBeGreaterThan(11);
    expect(tried.length).toBeLessThan(40);
  });

  it('says how much neighbours differ', async () => {
    const rough: Answer = (_, cycle) => ({ objective: cycle % 2 ? 90e6 : 98e6, outcome: 'put back' });
    const { reasons } = await run({ ...oneKnob, cycles: 20 }, rough);
    expect(reasons.at(-1)).toMatch(/give or take the \d+ % by which neighbours differ/);
  });

  it('proposes the same for the same history', async () => {
    expect(await run(twoKnobs, flat)).toEqual(await run(twoKnobs, flat));
  });

  it('keeps latency_ns above the granularity in force when it is tuned alone', async () => {
    const context = {
      ...twoKnobs,
      knobs: [findKnob('latency_ns', 'cfs')],
      defaults: { latency_ns: 24e6, min_granularity_ns: 3e6 },
    };
    const { tried } = await run(context, flat);
    expect(tried).toHaveLength(11);
    const values = tried.map(({ latency_ns }) => latency_ns as number);
    expect(Math.min(...values)).toBe(3e6);
    expect(Math.max(...values)).toBe(100e6);
  });

  it.each([3, 5])('copes with %i knobs', async (count) => {
    const names = [
      'latency_ns',
      'min_granularity_ns',
      'wakeup_granularity_ns',
      'migration_cost_ns',
      'nr_migrate',
    ];
    const knobs = names.slice(0, count).map((name) => findKnob(name, 'cfs'));
    const defaults = { ...twoKnobs.defaults, migration_cost_ns: 500_000, nr_migrate: 32 };
    const { tried } = await run({ ...twoKnobs, knobs, defaults, cycles: 20 }, flat);
    expect(tried).toHaveLength(19);
    for (const values of tried) expect(Object.keys(values)).toHaveLength(count);
  });
});
