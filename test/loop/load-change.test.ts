import { describe, expect, it } from 'vitest';
import { watchful } from '../../src/bench/study/watchful.js';
import { tune } from '../../src/loop/tune.js';
import { expert } from '../../src/tuners/expert.js';
import { grid } from '../../src/tuners/grid.js';
import type { Tuner } from '../../src/tuners/types.js';
import type { Metrics } from '../../src/workloads/types.js';
import { twoKnobs } from '../tuners/case.js';
import { scripted } from './scripted.js';
import { SyntheticTarget, workload as synthetic } from './synthetic.js';

const STEP = 15;
/** A workload whose figures are known: of a strange one the rate says nothing about the load. */
const workload = { ...synthetic, name: 'pgbench' };
const knobs = twoKnobs.knobs.slice(1);
const at = (floor: number) => ({ min_granularity_ns: floor });
const LOW = 3e5;
const HIGH = 9e6;

/** Low floors are best; from window 15 on a third of the rate, everything slower, and high floors are best. */
const stepping = (step = STEP) =>
  new SyntheticTarget(({ min_granularity_ns: floor = 0 }, _, window): Metrics => {
    const isLater = window >= step;
    const off = Math.abs(Math.log(floor / (isLater ? HIGH : LOW)));
    const p99 = (isLater ? 90e6 : 30e6) * (1 + 0.1 * off);
    return { txn_p99_ns: p99, throughput_per_s: isLater ? 220 : 700, fairness_jain: 0.9 };
  });
const stay = (floor: number, count: number) => Array.from({ length: count }, () => at(floor));
const run = (tuner: Tuner, target: SyntheticTarget, cycles = 30) =>
  tune({ target, workload, knobs, tuner, cycles, seed: 1 });

describe('a run whose load changes', () => {
  const settings = [...stay(LOW, STEP + 2), at(HIGH), ...stay(HIGH, 3), at(1.5e6), at(HIGH)];

  it('no longer compares with figures from before it, once one setting shows it', async () => {
    const { cycles, best } = await run(scripted(...settings), stepping());
    // The second window of the new load tells; the first was still judged by the old one.
    expect(cycles[STEP + 1]?.note).toContain(`throughput_per_s shifted in cycle ${STEP}`);
    expect(cycles[STEP + 3]).toMatchObject({ values: at(HIGH), outcome: 'kept' });
    expect(best).toMatchObject({ values: at(HIGH) });
    expect(best.objective).toBeCloseTo(90e6, -2);
  });

  it('does not call the lower rate a breach for ever, and judges by the default again when it was measured', async () => {
    const { cycles } = await run(scripted(...settings), stepping());
    const breaches = cycles.filter(({ outcome }) => outcome === 'breach');
    expect(breaches.map(({ cycle }) => cycle)).toEqual([STEP]);
    const starving = new SyntheticTarget(({ min_granularity_ns: floor = 0 }, _, window) => ({
      txn_p99_ns: 50e6,
      throughput_per_s: (window >= STEP ? 220 : 700) * (floor === HIGH ? 0.5 : 1),
      fairness_jain: 0.9,
    }));
    const steps = [...stay(LOW, STEP + 2), at(1.5e6), at(HIGH)];
    const later = await run(scripted(...steps), starving);
    expect(later.cycles.at(-1)).toMatchObject({ values: at(HIGH), outcome: 'breach' });
  });

  it('gives its verdict against the default under the present load', async () => {
    const { verdict } = await run(scripted(...settings), stepping());
    const before = 90 * (1 + 0.1 * Math.log(HIGH / 1.5e6));
    expect(verdict.text).toContain(`${Math.round(before)} → 90 ms`);
  });

  it('lets the expert find the new best', async () => {
    const { best } = await run(watchful(expert), stepping(25), 60);
    expect(Math.abs(Math.log((best.values.min_granularity_ns as number) / HIGH))).toBeLessThan(0.3);
  });
});

it('a run whose knobs move the rate is not taken for one whose load changes', async () => {
  const moved = new SyntheticTarget(({ min_granularity_ns: floor = 0 }) => ({
    txn_p99_ns: 30e6 + floor,
    throughput_per_s: floor > 1e6 ? 1000 : 640,
    fairness_jain: 0.9,
  }));
  const free = { ...workload, guardrails: [] };
  const { best, cycles } = await tune({
    ...{ target: moved, workload: free, knobs, tuner: grid(40), cycles: 41, seed: 1 },
  });
  expect(cycles).toHaveLength(41);
  expect(best.values).toEqual(at(2e5));
});
