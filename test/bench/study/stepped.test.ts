import { describe, expect, it } from 'vitest';
import { interval, meanOf } from '../../../src/bench/study/bootstrap.js';
import { speculativeExpert, stepsIn } from '../../../src/bench/study/lumos-e2.js';
import { besideTable2 } from '../../../src/bench/study/paper-steps.js';
import { steppedRows } from '../../../src/bench/study/stepped-figures.js';
import { runStepped } from '../../../src/bench/study/stepped-run.js';
import { steppedText } from '../../../src/bench/study/stepped-tables.js';
import { watchful } from '../../../src/bench/study/watchful.js';
import type { Knob } from '../../../src/knobs/types.js';
import { scripted } from '../../loop/scripted.js';
import { observed, twoKnobs } from '../../tuners/case.js';
import { entrants, stepped } from './formula.js';

const study = stepped;
const [knob] = stepped.knobs as [Knob];

describe('a study whose load changes', () => {
  it('takes every tuner through all loads to the end, whoever has nothing left to try', async () => {
    const result = await runStepped(study, entrants('fixed', 'expert', 'random'), [1, 2]);
    expect(result.runs).toHaveLength(6);
    for (const run of result.runs) expect(run.objectives).toHaveLength(80);
    const [high, low, again] = result.phases;
    expect(high?.oracle.values.min_granularity_ns).toBe(knob.min);
    expect(low?.oracle.values.min_granularity_ns).toBe(knob.max);
    expect(again?.oracle).toEqual(high?.oracle);
    // Means over the load seeds, by which one is a hundredth more and the other less.
    expect(high?.oracle.objective).toBeCloseTo(40e6, 0);
  });

  it('says how soon each follows, and what that is worth', async () => {
    const result = await runStepped(study, entrants('fixed', 'expert'), [1, 2]);
    const [fixed, expert] = steppedRows(result);
    expect(fixed?.reaction).toEqual([
      [null, null],
      [null, null],
    ]);
    expect(fixed?.good).toBe(0);
    expect(expert?.good).toBeGreaterThan(0.3);
    expect(expert?.all?.high ?? 0).toBeLessThan(fixed?.all?.low ?? 0);
    expect(expert?.missing).toBe(0);
    const text = steppedText(result);
    expect(text).toMatch(/\| human +\| no trace recorded/);
    expect(text).toContain('no model configured');
    expect(text).toMatch(/\| fixed +\| never +\| never/);
  });

  it('freezes what each had as best under each load, on a load seed nobody searched on', async () => {
    const result = await runStepped(study, entrants('fixed', 'expert'), [1, 2]);
    const [fixed, expert] = steppedRows(result);
    const [high, low] = result.phases;
    // A tenth slower than the mean over the seeds searched on, and that of the setting held, not of its window.
    expect(high?.default.frozen).toBeCloseTo(1.1 * (high?.default.objective as number), 0);
    expect(fixed?.frozen['700 tx/s']?.mean).toBeCloseTo(high?.default.frozen as number, 0);
    expect(fixed?.frozen['190 tx/s']?.mean).toBeCloseTo(low?.default.frozen as number, 0);
    expect(expert?.frozen['700 tx/s']?.mean).toBeCloseTo(44e6, 0);
    expect(expert?.frozen['190 tx/s']?.mean).toBeLessThan(fixed?.frozen['190 tx/s']?.mean as number);
    const text = steppedText(result);
    expect(text).toContain('best 40 ms (held out 44 ms)');
    expect(text).toMatch(/\| frozen at best, 700 tx\/s +\| frozen at best, 190 tx\/s/);
  });

  it('gives means over seeds with intervals, each seed one value', async () => {
    const result = await runStepped(study, entrants('random'), [1, 2, 3]);
    const [row] = steppedRows(result);
    const means = result.runs.map(({ objectives }) => meanOf(objectives as number[]));
    expect(row?.all).toEqual(interval(means));
    expect(row?.all?.low).toBeLessThan(row?.all?.high as number);
    expect(steppedText(result)).toMatch(/\| random +\| [\d.]+ ms \([\d.]+ ms–[\d.]+ ms\) +\| – /);
  });

  it('steps at three eighths and three quarters of the cycles, as the paper does', () => {
    expect(stepsIn(200)).toEqual([75, 150]);
    expect(stepsIn(40)).toEqual([15, 30]);
  });

  it('sees the speculative expert back at a load’s best in the third window of its return', async () => {
    const [row] = steppedRows(await runStepped(study, [speculativeExpert(1)], [1, 2]));
    expect(row?.reaction[1]).toEqual([3, 3]);
  });

  it('stands beside the paper’s Table 2, against Bayesian optimisation', async () => {
    const text = besideTable2(await runStepped(study, entrants('fixed', 'bayesian', 'dqn'), [1]));
    expect(text).toMatch(/\| fixed +\| [−+][\d.]+ \([−+][\d.]+ \/ [−+][\d.]+\) +\| – +\|/);
    expect(text).toMatch(/\| dqn +\|.*\| \+0.6 \(\+0.0 \/ \+2.4\)/);
    expect(text).toMatch(/\| human +\| no trace recorded +\| −3.3 \(−4.2 \/ −0.7\)/);
  });

  it('is the same twice', async () => {
    const once = await runStepped(study, entrants('expert', 'dqn'), [3]);
    expect(await runStepped(study, entrants('expert', 'dqn'), [3])).toEqual(once);
  });
});

it('a tuner that is watched over keeps its best in force where it had ended the run', async () => {
  const tuner = watchful(scripted(null));
  const history = [
    observed(0, { min_granularity_ns: 1.5e6 }, 50e6),
    observed(1, { min_granularity_ns: 3e5 }, 40e6),
  ];
  const context = { ...twoKnobs, knobs: [knob] };
  expect((await tuner.propose(history, context))?.values).toEqual({ min_granularity_ns: 3e5 });
});
