import { describe, expect, it } from 'vitest';
import { interval } from '../../../src/bench/study/bootstrap.js';
import { overall, rowsOf } from '../../../src/bench/study/figures.js';
import { besidePaper } from '../../../src/bench/study/paper.js';
import { runStudy, type StudyCase, type StudyResult } from '../../../src/bench/study/run.js';
import { studyText } from '../../../src/bench/study/tables.js';
import { WorkloadDied } from '../../../src/workloads/died.js';
import type { Metrics } from '../../../src/workloads/types.js';
import { SyntheticTarget } from '../../loop/synthetic.js';
import { caseOf, entrants, metricsAt, places } from './formula.js';

const SEEDS = [1, 2, 3];

describe('a study', () => {
  it('starts every tuner at the default, holds all to one lattice and gives all one budget', async () => {
    const study = caseOf('s');
    const {
      runs,
      default: start,
      oracle,
    } = await runStudy(study, entrants('expert', 'random', 'dqn'), SEEDS);
    expect(runs).toHaveLength(9);
    for (const run of runs) {
      expect(run.values).toHaveLength(16);
      expect(run.values[0]).toEqual(start.values);
    }
    // 25 points less the contradictory ones, and the default: nobody measured anything else.
    const searched = new Set(study.measured.filter((line) => line.startsWith('search')));
    expect(searched.size).toBe(oracle.points + 1);
    expect(oracle.objective).toBeCloseTo(40e6, 0);
    expect(oracle.frozen).toBeCloseTo(44e6, 0);
  });

  it('freezes each best on a load nobody searched on', async () => {
    const { runs } = await runStudy(caseOf('s'), entrants('expert'), [1]);
    const [run] = runs;
    expect(run?.frozen).toBeCloseTo(1.1 * (run?.best.objective as number), 0);
  });

  it('takes the mean over the loads nobody searched on, and none where one of them has none', async () => {
    const study = caseOf('s');
    const turns = (factors: readonly (number | null)[]): StudyCase => ({
      ...study,
      heldOut: factors.length,
      target: async (which, turn) =>
        new SyntheticTarget((values) => {
          const factor = which === 'search' ? 1 : factors[turn];
          const { txn_p99_ns, ...rest } = metricsAt(values, false);
          return factor ? { ...rest, txn_p99_ns: factor * (txn_p99_ns as number) } : (rest as Metrics);
        }),
    });
    const { oracle } = await runStudy(turns([1.1, 1.3]), [], []);
    expect(oracle.frozen).toBeCloseTo(1.2 * (oracle.objective as number), 0);
    expect((await runStudy(turns([1.1, null]), [], [])).oracle.frozen).toBeNull();
  });

  it('keeps the best in force after a tuner has stopped', async () => {
    const { runs, default: start } = await runStudy(caseOf('s'), entrants('fixed'), [1]);
    expect(runs[0]?.objectives).toEqual(new Array(16).fill(start.objective));
  });

  it('is the same twice', async () => {
    const once = await runStudy(caseOf('s'), entrants('bayesian', 'q-learning'), SEEDS);
    expect(await runStudy(caseOf('s'), entrants('bayesian', 'q-learning'), SEEDS)).toEqual(once);
  });

  it('takes a window without a figure for missing, never for 0', async () => {
    const dead = caseOf('s', (values, heldOut) => {
      const { txn_p99_ns, ...rest } = metricsAt(values, heldOut);
      return places(values)[0] < 0.2 ? (rest as Metrics) : { txn_p99_ns: txn_p99_ns as number, ...rest };
    });
    const result = await runStudy(dead, entrants('random'), SEEDS);
    const [row] = rowsOf(result);
    expect(row?.missing).toBeGreaterThan(0);
    expect(row?.tuning?.low).toBeGreaterThan(40e6);
    expect(result.oracle.objective).toBeGreaterThan(45e6);
  });

  it('goes on where the load dies, which is a window without a figure', async () => {
    const study = caseOf('s');
    const dying: StudyCase = {
      ...study,
      target: async () =>
        new SyntheticTarget((values) => {
          if (places(values)[0] < 0.2) throw new WorkloadDied('guest', 'pgbench: it was ended by a signal');
          return metricsAt(values, false);
        }),
    };
    const result = await runStudy(dying, entrants('random'), SEEDS);
    expect(rowsOf(result)[0]?.missing).toBeGreaterThan(0);
    expect(result.oracle.objective).toBeGreaterThan(45e6);
  });

  it('keeps which windows breached a guardrail', async () => {
    const slow = caseOf('s', (values, heldOut) => ({
      ...metricsAt(values, heldOut),
      throughput_per_s: places(values)[0] < 0.2 ? 100 : 700,
    }));
    const [run] = (await runStudy(slow, entrants('random'), [1])).runs;
    const low = run?.values.flatMap((values, cycle) => (places(values)[0] < 0.2 ? [cycle] : []));
    expect(low?.length).toBeGreaterThan(0);
    expect(run?.breaches).toEqual(low);
  });

  it('does not call a setting that breaches a guardrail the oracle', async () => {
    const slow = caseOf('s', (values, heldOut) => ({
      ...metricsAt(values, heldOut),
      throughput_per_s: places(values)[0] < 0.2 ? 100 : 700,
    }));
    expect((await runStudy(slow, [], [])).oracle.values.latency_ns).toBeGreaterThan(4e6);
  });
});

describe('its figures', () => {
  const run = (tuner: string, seed: number, objectives: (number | null)[]) => {
    const best = Math.min(...objectives.filter((value) => value !== null));
    return {
      tuner,
      seed,
      values: [],
      objectives,
      best: { cycle: 1, values: {}, objective: best },
      frozen: best,
    };
  };
  const result = (
    name: string,
    runs: ReturnType<typeof run>[],
    more: Partial<StudyResult> = {},
  ): StudyResult => ({
    ...{ name, workload: 'w', objective: { metric: 'm', direction: 'lower', unit: 'ns' }, knobs: [] },
    ...{ cycles: 4, default: { values: {}, objective: 100, frozen: 100 } },
    ...{ oracle: { values: {}, objective: 50, frozen: 50, points: 9 }, runs },
    ...more,
  });

  it('are means while tuning, regret, and cycles to within 3 %', () => {
    const [row] = rowsOf(result('a', [run('t', 1, [100, 80, 51, 60]), run('t', 2, [100, null, 75, 75])]));
    expect(row?.tuning?.mean).toBeCloseTo((72.75 + 250 / 3) / 2, 9);
    expect(row?.regret?.mean).toBeCloseTo((0.02 + 0.5) / 2, 9);
    expect([row?.cyclesToNear, row?.reached, row?.seeds, row?.missing]).toEqual([3, 1, 2, 1]);
  });

  it('count no window towards 3 % that breached a guardrail', () => {
    const breaching = { ...run('t', 1, [100, 51, 80, 50]), breaches: [1] };
    const [row] = rowsOf(result('a', [breaching, { ...breaching, seed: 2, breaches: [1, 3] }]));
    expect([row?.cyclesToNear, row?.reached, row?.seeds]).toEqual([4, 1, 2]);
  });

  it('leave out the case that a tuner gained most on', () => {
    const cases = [40, 90, 90].map((value, i) => result(`${i}`, [run('t', 1, [value, value])]));
    const [row] = overall(cases);
    expect(row?.tuning).toBeCloseTo((0.4 * 0.9 * 0.9) ** (1 / 3), 9);
    expect(row?.tuningWithoutBest).toBeCloseTo(0.9, 9);
  });

  it('are none over all cases where one case has none', () => {
    const cases = [
      result('a', [run('t', 1, [50, 50])]),
      result('b', [{ ...run('t', 1, [50]), objectives: [null], frozen: null as never }]),
    ];
    expect(overall(cases)[0]).toMatchObject({ tuning: null, frozen: null });
  });

  it('say that a row needs a model', () => {
    const text = studyText([result('a', [run('t', 1, [100, 50])])]);
    expect(text).toMatch(/\| llm +\| no model configured +\| – +\|/);
    expect(text).toMatch(/\| human +\| no trace recorded +\| – +\|/);
    expect(text).toMatch(/\| t +\| 75 ns/);
    expect(text).not.toContain('What the models cost');
    expect(text).toContain('without its best case');
  });

  it('stand beside the paper’s for the same number of knobs', () => {
    const knob = { name: 'k', unit: 'ns', min: 1, max: 2, scale: 'log' } as const;
    const runs = [run('bayesian', 1, new Array(20).fill(90)), run('random', 1, new Array(20).fill(110))];
    const text = besidePaper([
      result('a', runs, { knobs: [knob] }),
      result('b', runs, { knobs: [knob, knob] }),
    ]);
    expect(text).toMatch(/\| bayesian +\| −10.0 \(−10.0 \/ −10.0 \/ −10.0\) +\| −11.2 .*\| \+4.0 \(\+15.8/);
    expect(text).toMatch(/\| random +\| \+10.0 .*\| – +\|/);
    expect(text).toMatch(/\| llm +\| no model configured +\| −15.6/);
  });

  it('have intervals that hold the mean, are wider for fewer values, and none for none', () => {
    const many = interval(Array.from({ length: 40 }, (_, i) => i % 10));
    const few = interval([0, 9, 3, 6]);
    expect(interval([])).toBeNull();
    expect(interval([5])).toEqual({ mean: 5, low: 5, high: 5, count: 1 });
    const width = (of: ReturnType<typeof interval>) => (of?.high ?? 0) - (of?.low ?? 0);
    expect(width(few)).toBeGreaterThan(width(many));
    expect(many?.low).toBeLessThan(4.5);
    expect(many?.high).toBeGreaterThan(4.5);
  });
});
