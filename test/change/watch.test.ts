import { expect, it } from 'vitest';
import type { Metrics } from '../../src/workloads/types.js';
import { workbench } from './bench.js';

const RAIL = { metric: 'runq_latency_p99_ns', rule: 'at most × default', value: 2, why: 'slo' } as const;
const SLICE = { values: { base_slice_ns: 6_000_000 }, caller: 'a', guardrails: [RAIL] };

/** Figures as a machine gives them, one after the other; the last for good. */
const figures = (...values: (number | undefined | Error)[]) => {
  let at = 0;
  return (): Metrics => {
    const value = values[Math.min(at++, values.length - 1)];
    if (value instanceof Error) throw value;
    return value === undefined ? {} : { runq_latency_p99_ns: value };
  };
};

it('a breach puts the change back at once, with the figures in the record', async () => {
  const bench = workbench();
  const changes = bench.open();
  const { change } = await changes.stageWatched({ ...SLICE, metrics: figures(1e6, 1.5e6, 5e6) });
  expect(bench.value('base_slice_ns')).toBe(6_000_000);
  await expect.poll(() => changes.find(change.id).state).toBe('reverted');
  expect(bench.value('base_slice_ns')).toBe(3_000_000);
  expect(changes.find(change.id)).toMatchObject({
    endReason: 'guardrail',
    notes: ['runq_latency_p99_ns 5 ms is above 2 × the default’s, 2 ms (slo)'],
  });
  expect(bench.events.at(-1)).toMatchObject({
    judged: { metrics: { runq_latency_p99_ns: 5e6 }, baseline: { runq_latency_p99_ns: 1e6 } },
  });
});

it.each([
  ['stay away', undefined],
  ['cannot be had', new Error('the sampler is closed')],
])('figures that %s count as a breach when they do so for long', async (_, missing) => {
  const bench = workbench();
  const changes = bench.open();
  const { change } = await changes.stageWatched({ ...SLICE, metrics: figures(1e6, missing) });
  await expect.poll(() => changes.find(change.id).endReason).toBe('guardrail');
  expect(changes.find(change.id).notes.join()).toContain('it cannot be judged');
});

it('a source that stops answering counts as blind, and is not asked again meanwhile', async () => {
  const bench = workbench();
  const changes = bench.open();
  let asked = 0;
  const metrics = () => {
    asked += 1;
    return asked === 1 ? { runq_latency_p99_ns: 1e6 } : new Promise<Metrics>(() => {});
  };
  const { change } = await changes.stageWatched({ ...SLICE, metrics });
  await expect.poll(() => changes.find(change.id).endReason).toBe('guardrail');
  expect(changes.find(change.id).notes.join()).toContain('do not come within 5 s, 3 times in a row');
  expect(bench.value('base_slice_ns')).toBe(3_000_000);
  expect(asked).toBe(2);
});

it('a source that answers late, now and again, is not blind', async () => {
  const bench = workbench();
  const changes = bench.open();
  let asked = 0;
  const metrics = async () => {
    asked += 1;
    if (asked === 2) await new Promise((resolve) => setTimeout(resolve, 6500));
    return { runq_latency_p99_ns: 1e6 };
  };
  const { token, change } = await changes.stageWatched({ ...SLICE, metrics });
  await expect.poll(() => asked).toBeGreaterThan(3);
  expect(changes.find(change.id).state).toBe('staged');
  changes.revert(token, { caller: 'a' });
});

it('nothing is staged where the figures from before it never come', async () => {
  const bench = workbench();
  const changes = bench.open();
  const metrics = () => new Promise<Metrics>(() => {});
  await expect(changes.stageWatched({ ...SLICE, metrics })).rejects.toMatchObject({ code: 'incapable' });
  expect([bench.value('base_slice_ns'), changes.list().length]).toEqual([3_000_000, 0]);
});

it('a committed change is watched no more', async () => {
  const bench = workbench();
  const changes = bench.open();
  let looks = 0;
  const metrics = () => {
    looks += 1;
    return { runq_latency_p99_ns: 1e6 };
  };
  const { token } = await changes.stageWatched({ ...SLICE, metrics });
  await expect.poll(() => looks).toBeGreaterThan(1);
  changes.commit(token, { caller: 'a' });
  const seen = looks;
  await new Promise((resolve) => setTimeout(resolve, 2500));
  expect(looks).toBe(seen);
  expect(bench.value('base_slice_ns')).toBe(6_000_000);
});

it('what is not measured cannot be guarded: nothing is staged', async () => {
  const bench = workbench();
  const changes = bench.open();
  await expect(changes.stageWatched({ ...SLICE, metrics: figures(undefined) })).rejects.toMatchObject({
    code: 'usage',
    message: expect.stringContaining('is not measured'),
  });
  expect([bench.value('base_slice_ns'), changes.list().length]).toEqual([3_000_000, 0]);
});
