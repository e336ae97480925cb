import { describe, expect, it } from 'vitest';
import { speculativeExpert } from '../../../src/bench/study/lumos-e2.js';
import { besideTable2 } from '../../../src/bench/study/paper-steps.js';
import { runStepped, type SteppedCase } from '../../../src/bench/study/stepped-run.js';
import { steppedRows, steppedText } from '../../../src/bench/study/stepped-tables.js';
import { watchful } from '../../../src/bench/study/watchful.js';
import { positionOf } from '../../../src/knobs/scale.js';
import type { Knob, KnobValues } from '../../../src/knobs/types.js';
import { makeTuner } from '../../../src/tuners/index.js';
import { scripted } from '../../loop/scripted.js';
import { workload } from '../../loop/synthetic.js';
import { observed, twoKnobs } from '../../tuners/case.js';

const knob = twoKnobs.knobs[1] as Knob;

/** p99 with its best at a place of the range. */
const phase = (from: number, rate: number, best: number) => ({
  ...{ from, name: `${rate} tx/s` },
  measure: async (values: KnobValues, window: number) => {
    const off = Math.abs(positionOf(knob, values[knob.name] as number) - best);
    const txn_p99_ns = 40e6 * (1 + off) * (window % 2 ? 1.01 : 0.99);
    const metrics = { txn_p99_ns, throughput_per_s: rate, fairness_jain: 0.9 };
    return { metrics, distributions: {}, knobs: values, windowNs: 1e9 };
  },
});

const study: SteppedCase = {
  ...{ name: 's', workload, knobs: [knob], cycles: 80, points: 8, cpus: 2, loadSeeds: 2 },
  defaults: { min_granularity_ns: 1.5e6 },
  phases: [phase(0, 700, 0), phase(30, 190, 1), phase(60, 700, 0)],
};
const entrants = (...names: string[]) => names.map((name) => ({ name, make: () => makeTuner(name) }));

describe('a study whose load changes', { timeout: 60_000 }, () => {
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
    expect(expert?.all ?? 0).toBeLessThan(fixed?.all ?? 0);
    expect(expert?.missing).toBe(0);
    const text = steppedText(result);
    expect(text).toMatch(/\| human +\| no trace recorded/);
    expect(text).toContain('no model configured');
    expect(text).toMatch(/\| fixed +\|.*\| never +\| never/);
  });

  it('sees the speculative expert back at a load’s best in the third window of its return', async () => {
    const [row] = steppedRows(await runStepped(study, [speculativeExpert(1)], [1, 2]));
    expect(row?.reaction[1]).toEqual([3, 3]);
  });

  it('stands beside the paper’s Table 2, against Bayesian optimisation', async () => {
    const text = besideTable2(await runStepped(study, entrants('fixed', 'bayesian', 'dqn'), [1]));
    expect(text).toMatch(/\| fixed +\| [−+][\d.]+ \([−+][\d.]+ \/ [−+][\d.]+\) +\| – +\|/);
    expect(text).toMatch(/\| dqn +\|.*\| \+0.6 \(\+0.0 \/ \+2.4\)/);
    expect(text).toMatch(/\| human +\| – +\| −3.3 \(−4.2 \/ −0.7\)/);
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
