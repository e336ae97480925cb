import { describe, expect, it } from 'vitest';
import { TunesmithError } from '../../src/errors.js';
import { findKnob } from '../../src/knobs/catalogue.js';
import { assembleResult } from '../../src/loop/assemble.js';
import { resultSchema } from '../../src/loop/result.js';
import { tune } from '../../src/loop/tune.js';
import type { Progress, TuneOptions } from '../../src/loop/types.js';
import { expert } from '../../src/tuners/expert.js';
import { fixed } from '../../src/tuners/fixed.js';
import { scripted } from './scripted.js';
import { better, type Response, SyntheticTarget, workload } from './synthetic.js';

const knobs = [findKnob('latency_ns', 'cfs'), findKnob('min_granularity_ns', 'cfs')];
const own = { latency_ns: 12e6, min_granularity_ns: 1.5e6 };

const run = (target: SyntheticTarget, more: Partial<TuneOptions> = {}) =>
  tune({ target, workload, knobs, tuner: expert, cycles: 12, seed: 1, ...more });

const floor = (ms: number) => ({ min_granularity_ns: ms * 1e6 });

describe('tune', () => {
  it('measures the default, improves on it, confirms, and puts the defaults back', async () => {
    const target = new SyntheticTarget(better);
    const seen: Progress[] = [];
    const outcome = await run(target, { referee: true, onCycle: (progress) => seen.push(progress) });
    expect(outcome.cycles).toHaveLength(12);
    expect(outcome.cycles[0]).toMatchObject({ cycle: 0, outcome: 'default', values: own, objective: 75e6 });
    expect(outcome.best).toMatchObject({ values: { min_granularity_ns: 200_000 }, objective: 62e6 });
    expect(outcome.referee?.gain).toBeCloseTo(13 / 75);
    expect(outcome.verdict.accepted).toBe(true);
    expect(outcome.verdict.text).toMatch(
      /^txn p99 75 → 62 ms, −17 %, referee-confirmed; set with latency_ns=\d+ min_granularity_ns=200000$/,
    );
    expect(target.inForce).toEqual(target.own);
    expect(target.closed).toBe(false);
    expect(seen.map(({ done, of }) => [done, of])).toEqual(Array.from({ length: 12 }, (_, i) => [i + 1, 12]));
    expect(seen.at(-1)?.secondsLeft).toBe(0);
    // The expert asks nobody: the default's window tells how long the others take.
    expect(seen[0]?.secondsLeft).not.toBeNull();
  });

  it('keeps a new best in force and puts the best back after a worse one', async () => {
    const target = new SyntheticTarget(better);
    const { cycles, best } = await run(target, {
      tuner: scripted(floor(3), floor(1), floor(2), floor(0.5), null),
    });
    expect(cycles.map(({ outcome }) => outcome)).toEqual(['default', 'put back', 'kept', 'put back', 'kept']);
    expect(best.cycle).toBe(4);
    expect(cycles[1]?.note).toBe('90 ms is worse than the default by 20 %; the default is back');
    expect(cycles[2]?.note).toBe('best so far: 70 ms beats the default by 6.67 %');
    expect(cycles[3]?.note).toBe('80 ms is worse than cycle 2 by 14.3 %; cycle 2 is back');
    const at = (ms: number) => JSON.stringify({ latency_ns: 12e6, min_granularity_ns: ms * 1e6 });
    expect(target.log).toEqual([
      ...['apply {}', 'search'],
      ...[`apply ${at(3)}`, 'search', 'apply {}'],
      ...[`apply ${at(1)}`, 'search'],
      ...[`apply ${at(2)}`, 'search', `apply ${at(1)}`],
      ...[`apply ${at(0.5)}`, 'search'],
      'apply {}',
    ]);
  });

  it('puts the default back at once on a breach, and never calls that point best', async () => {
    const starving: Response = ({ min_granularity_ns: value = 0 }) => ({
      txn_p99_ns: 60e6 + 10 * value,
      throughput_per_s: value < 1e6 ? 500 : 700,
      fairness_jain: value < 0.3e6 ? 0.4 : 0.9,
    });
    const target = new SyntheticTarget(starving);
    const { cycles, best } = await run(target, {
      tuner: scripted(floor(1), floor(0.5), floor(0.2), floor(1.2)),
    });
    expect(cycles.map(({ outcome }) => outcome)).toEqual(['default', 'kept', 'breach', 'breach', 'put back']);
    expect(cycles[2]?.objective).toBe(65e6);
    expect(cycles[2]?.note).toMatch(
      /^the default is back: throughput_per_s 500\S* \S*\s?is below 0.8 × the default’s, 560.* \(a quick few are no use\)$/,
    );
    expect(cycles[3]?.note).toMatch(/fairness_jain 0.4 .*is below 0.5 .*\(nobody may starve\)$/);
    expect(best.cycle).toBe(1);
    expect(target.log.slice(4, 8)).toEqual([
      'apply {"latency_ns":12000000,"min_granularity_ns":500000}',
      'search',
      'apply {}',
      'apply {"latency_ns":12000000,"min_granularity_ns":200000}',
    ]);
  });

  it('records a missing objective as null, never 0', async () => {
    const target = new SyntheticTarget((values, rigour, window) =>
      window === 1 ? { throughput_per_s: 700, fairness_jain: 0.9 } : better(values, rigour, window),
    );
    const { cycles, best } = await run(target, { tuner: scripted(floor(0.2), floor(1)) });
    expect(cycles[1]).toMatchObject({
      objective: null,
      outcome: 'put back',
      note: 'the window gave no txn_p99_ns',
    });
    expect(best).toMatchObject({ cycle: 2, objective: 70e6 });
  });

  it('takes the first figure when the default has none', async () => {
    const target = new SyntheticTarget((values, rigour, window) =>
      window === 0 ? {} : better(values, rigour, window),
    );
    const { cycles, best, verdict } = await run(target, { tuner: scripted(floor(3)) });
    expect(cycles[0]).toMatchObject({ objective: null, outcome: 'default' });
    expect(cycles[0]?.note).toContain('the window gave no txn_p99_ns');
    expect(cycles[0]?.note).toContain('a guardrail cannot be watched: throughput_per_s was not measured');
    expect(cycles[1]?.outcome).toBe('kept');
    expect(best.cycle).toBe(1);
    expect(verdict.text).toContain('the default gave no figure');
  });

  it('does not keep a window that a guardrail cannot judge', async () => {
    const target = new SyntheticTarget((values, rigour, window) =>
      window === 1 ? { txn_p99_ns: 1e6, fairness_jain: 0.9 } : better(values, rigour, window),
    );
    const { cycles } = await run(target, { tuner: scripted(floor(1)) });
    expect(cycles[1]).toMatchObject({ outcome: 'put back' });
    expect(cycles[1]?.note).toBe('a guardrail cannot be judged: throughput_per_s was not measured');
  });

  it('restores the defaults and surfaces the error when the target throws mid-way', async () => {
    const target = new SyntheticTarget((values, rigour, window) => {
      if (window === 3) throw new TunesmithError('guest', 'the guest panicked');
      return better(values, rigour, window);
    });
    await expect(run(target)).rejects.toThrow('the guest panicked');
    expect(target.inForce).toEqual(target.own);
    expect(target.log.at(-1)).toBe('apply {}');
  });

  it('closes a target that cannot be restored, and still reports the first error', async () => {
    const target = new SyntheticTarget(() => {
      target.apply = async () => Promise.reject(new Error('gone'));
      throw new Error('first');
    });
    await expect(run(target)).rejects.toThrow('first');
    expect(target.closed).toBe(true);
  });

  it('says so when the defaults cannot be put back at all', async () => {
    const target = new SyntheticTarget(better);
    const stuck = async () => Promise.reject(new Error('stuck'));
    const onCycle = () => {
      target.apply = stuck;
      target.close = stuck;
    };
    await expect(run(target, { tuner: fixed, onCycle })).rejects.toThrow(
      'the defaults could not be put back: stuck',
    );
  });

  it('stops between cycles when aborted, restores, and still returns what it found', async () => {
    const target = new SyntheticTarget(better);
    const abort = new AbortController();
    const onCycle = ({ done }: Progress) => done === 4 && abort.abort();
    const outcome = await run(target, { signal: abort.signal, referee: true, onCycle });
    expect(outcome.cycles).toHaveLength(4);
    expect(outcome.interrupted).toBe(true);
    expect(outcome.verdict).toMatchObject({ accepted: false, interrupted: true });
    expect(outcome.verdict.text).toMatch(
      /^interrupted, the defaults are back; txn p99 75 → 62 ms, −17 % while searching/,
    );
    expect(outcome.referee).toBeNull();
    expect(target.inForce).toEqual(target.own);
  });

  it('takes an error of a target that is being stopped as the interruption', async () => {
    const abort = new AbortController();
    const target = new SyntheticTarget((values, rigour, window) => {
      if (window < 2) return better(values, rigour, window);
      abort.abort();
      throw new Error('killed');
    });
    const outcome = await run(target, { signal: abort.signal });
    expect(outcome.cycles).toHaveLength(2);
    expect(outcome.interrupted).toBe(true);
    expect(target.inForce).toEqual(target.own);
  });

  it('measures nothing when it is aborted beforehand', async () => {
    const target = new SyntheticTarget(better);
    const outcome = await run(target, { signal: AbortSignal.abort() });
    expect(outcome.cycles).toEqual([]);
    expect(outcome.best).toEqual({ cycle: 0, values: own, objective: null });
    expect(outcome.verdict.text).toContain('nothing was measured');
  });

  it('rejects invalid proposals, goes on, and ends after three in a row', async () => {
    const target = new SyntheticTarget(better);
    const tuner = scripted(
      { latency_ns: 1 },
      { latency_ns: 2e6, min_granularity_ns: 9e6 },
      floor(1),
      { nr_migrate: 8 },
      { nonsense: 1 },
      { min_granularity_ns: 1.5 },
      floor(0.2),
    );
    const { cycles, best } = await run(target, { tuner });
    expect(cycles.map(({ outcome }) => outcome)).toEqual([
      ...['default', 'rejected', 'rejected', 'kept'],
      ...['rejected', 'rejected', 'rejected'],
    ]);
    expect(cycles[1]?.note).toBe('latency_ns: 1 ns is out of range, 2 ms to 100 ms');
    expect(cycles[2]?.note).toContain('exceeds latency_ns');
    expect(cycles[4]?.note).toBe('nr_migrate is not among the knobs being tuned');
    expect(cycles[4]).toMatchObject({ objective: null, measurement: null });
    expect(best.cycle).toBe(3);
    expect(target.log.filter((entry) => entry === 'search')).toHaveLength(2);
  });

  it('records warnings with the numbers of the window', async () => {
    const target = new SyntheticTarget((...args) => ({
      ...better(...args),
      runq_waiting: 14,
      idle_share: 0,
    }));
    const { cycles } = await run(target, { tuner: scripted({ latency_ns: 10e6, min_granularity_ns: 5e6 }) });
    expect(cycles[1]?.note).toContain(
      'latency_ns no longer binds: 8 runnable tasks × 5 ms = 40 ms exceeds 10 ms',
    );
  });

  it('keeps the default when nothing beats it', async () => {
    const target = new SyntheticTarget(better);
    const { verdict, referee } = await run(target, { tuner: scripted(floor(2), floor(3)), referee: true });
    expect(verdict).toEqual({
      accepted: false,
      interrupted: false,
      text: 'keep the default (txn p99 75 ms): none of the 2 settings tried beat it',
      tried: 2,
    });
    expect(referee?.gain).toBe(0);
    expect(target.log.filter((entry) => entry === 'referee')).toHaveLength(1);
  });

  it('keeps the default when the gain is within error', async () => {
    const { verdict } = await run(new SyntheticTarget(better), { tuner: scripted(floor(1.45)) });
    expect(verdict.text).toBe(
      'keep the default (txn p99 75 ms): nothing beat it by more than 0.667 %, which is within error',
    );
  });

  it('keeps the default when the referee does not confirm', async () => {
    const target = new SyntheticTarget((values, rigour, window) =>
      rigour === 'referee'
        ? { ...better(values, rigour, window), txn_p99_ns: 75e6 }
        : better(values, rigour, window),
    );
    const { verdict } = await run(target, { tuner: scripted(floor(0.2)), referee: true });
    expect(verdict.accepted).toBe(false);
    expect(verdict.text).toContain('the referee did not confirm it (txn p99 75 → 75 ms, +0 %)');
  });

  it('lets the referee choose among finalists, for the best of a noisy search is in part the luckiest', async () => {
    // The search flatters 0.5 ms; 0.3 ms breaches a guardrail only before the referee.
    const flattered: Response = ({ min_granularity_ns: value = 0 }, rigour) => {
      const ms = value / 1e6;
      const luck = rigour === 'search' && ms === 0.5 ? -20e6 : 0;
      const starves = rigour === 'referee' && ms === 0.3;
      return {
        txn_p99_ns: 60e6 + 10e6 * ms + luck,
        throughput_per_s: starves ? 100 : 700,
        fairness_jain: 0.9,
      };
    };
    const target = new SyntheticTarget(flattered);
    const asked: unknown[] = [];
    const outcome = await run(target, {
      tuner: scripted(floor(0.5), floor(1), floor(0.3), floor(0.4), floor(5), null),
      referee: true,
      finalists: 3,
      onReferee: (what, turn) => asked.push([what, turn]),
    });
    const of = 3;
    expect(asked).toEqual([['default', undefined], ...[1, 2, 3].map((turn) => ['best', { turn, of }])]);
    expect(
      outcome.referee?.finalists?.map(({ cycle, refereeObjective }) => [cycle, refereeObjective]),
    ).toEqual([
      [1, 65e6],
      [3, null],
      [4, 64e6],
    ]);
    expect(outcome.best).toMatchObject({ cycle: 4, objective: 64e6 });
    expect(outcome.referee?.best.objective).toBe(64e6);
    expect(outcome.verdict.text).toContain('set with latency_ns=12000000 min_granularity_ns=400000');
  });

  it('keeps the default when the best breaches a guardrail before the referee', async () => {
    const target = new SyntheticTarget((values, rigour, window) => ({
      ...better(values, rigour, window),
      fairness_jain: rigour === 'referee' && (values.min_granularity_ns ?? 0) < 1e6 ? 0.1 : 0.9,
    }));
    const { verdict } = await run(target, { tuner: scripted(floor(0.2)), referee: true });
    expect(verdict.accepted).toBe(false);
    expect(verdict.text).toContain('breaches a guardrail before the referee: fairness_jain');
  });

  it('does not accept without a referee', async () => {
    const { verdict } = await run(new SyntheticTarget(better), { tuner: scripted(floor(0.2)) });
    expect(verdict.accepted).toBe(false);
    expect(verdict.text).toBe(
      'txn p99 75 → 62 ms, −17 % while searching, not referee-confirmed; try it with latency_ns=12000000 min_granularity_ns=200000',
    );
  });

  it('improves a figure that should rise', async () => {
    const target = new SyntheticTarget(({ latency_ns: latency = 1 }) => ({
      throughput_per_s: latency / 1e4,
      fairness_jain: 0.9,
    }));
    const { best, verdict } = await run(target, { objective: 'throughput_per_s', referee: true });
    expect(best.values.latency_ns).toBe(100e6);
    expect(verdict.text).toMatch(/^throughput per s 1,200.* → 10,000.*, \+733 %, referee-confirmed/);
  });

  it.each([0, -1, 1.5, Number.NaN])('refuses %s cycles', async (cycles) => {
    await expect(run(new SyntheticTarget(better), { cycles })).rejects.toMatchObject({ code: 'usage' });
  });

  it('refuses an unknown or explanatory objective, and knobs the target lacks', async () => {
    const target = new SyntheticTarget(better);
    await expect(run(target, { objective: 'txn_p9_ns' })).rejects.toMatchObject({
      hint: expect.stringContaining('txn_p99_ns'),
    });
    await expect(run(target, { objective: 'switches_per_s' })).rejects.toMatchObject({ code: 'usage' });
    await expect(run(target, { knobs: [] })).rejects.toMatchObject({ code: 'usage' });
    const missing = [findKnob('migration_cost_ns', 'cfs')];
    await expect(run(target, { knobs: missing })).rejects.toMatchObject({ code: 'incapable' });
    expect(target.log).toEqual([]);
  });

  it('fills the result’s schema', async () => {
    const outcome = await run(new SyntheticTarget(better), { referee: true });
    const result = assembleResult(outcome, {
      command: 'tunesmith tune',
      target: { name: 'synthetic', kind: 'lab', kernel: '6.1.0', scheduler: 'cfs', cpus: 2, qemu: null },
      parameters: {},
      windowNs: 1e9,
      rivals: [{ name: 'random', values: own, objective: 63e6, refereeObjective: null, trials: 12 }],
    });
    expect(resultSchema.strict().parse(JSON.parse(JSON.stringify(result)))).toEqual(result);
    expect(result.knobs[0]).toEqual({
      name: 'latency_ns',
      unit: 'ns',
      min: 2e6,
      max: 100e6,
      scale: 'log',
      default: 12e6,
    });
    expect(result.tuner).toBe('expert');
  });

  it('gives the same cycles for the same inputs, but for the time taken', async () => {
    const once = async () => {
      const { cycles } = await run(new SyntheticTarget(better));
      return cycles.map(({ wallMs: _, ...cycle }) => cycle);
    };
    expect(await once()).toEqual(await once());
  });
});
