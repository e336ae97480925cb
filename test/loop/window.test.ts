/** Windows without figures: the workload died in them, or what was in force changed. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { TunesmithError } from '../../src/errors.js';
import { findKnob } from '../../src/knobs/catalogue.js';
import { Ledger } from '../../src/ledger/ledger.js';
import { readLedger } from '../../src/ledger/read.js';
import { accountIn } from '../../src/loop/account.js';
import { replayLedger } from '../../src/loop/replay.js';
import { cycleSchema } from '../../src/loop/result.js';
import { tune } from '../../src/loop/tune.js';
import type { TuneOptions } from '../../src/loop/types.js';
import { expert } from '../../src/tuners/expert.js';
import { TargetLost, WorkloadDied } from '../../src/workloads/died.js';
import { workloadByName } from '../../src/workloads/index.js';
import type { Measurement } from '../../src/workloads/types.js';
import { scripted } from './scripted.js';
import { better, type Response, SyntheticTarget, workload } from './synthetic.js';

const knobs = [findKnob('latency_ns', 'cfs'), findKnob('min_granularity_ns', 'cfs')];
const floor = (ms: number) => ({ min_granularity_ns: ms * 1e6 });
const run = (target: SyntheticTarget, more: Partial<TuneOptions> = {}) =>
  tune({ target, workload, knobs, tuner: expert, cycles: 12, seed: 1, ...more });

/** A workload that dies in the windows told. */
const dyingIn =
  (dies: (floor: number, window: number) => boolean): Response =>
  (values, rigour, window) => {
    if (dies(values.min_granularity_ns ?? 0, window))
      throw new WorkloadDied('guest', `pgbench ended early: window ${window}`);
    return better(values, rigour, window);
  };

/** A target on which windows differ. */
class Noisy extends SyntheticTarget {
  readonly repeats = { default: 5, pairs: 8 };
}

/** Somebody else writes a knob in the windows told, which may be of the default. */
class Meddled extends Noisy {
  private turn = 0;

  constructor(private readonly mixed: readonly number[]) {
    super(better);
  }

  override async measure(rigour: 'search' | 'referee'): Promise<Measurement> {
    const last = this.mixed.includes(this.turn++) ? 'theirs' : 'ours';
    return { ...(await super.measure(rigour)), inForce: { first: 'ours', last } };
  }
}

/** A machine that settings with a floor below 1 ms hang, in the windows told. */
const hangs =
  (isHung: (floor: number, rigour: 'search' | 'referee') => boolean): Response =>
  (values, rigour, window) => {
    if (isHung(values.min_granularity_ns ?? 0, rigour))
      throw new TargetLost('guest', 'the lab guest hung: the window', { hint: 'its last words: stuck' });
    return better(values, rigour, window);
  };

describe('a window that took the machine down', () => {
  it('is a rejected setting, said as such, and the run goes on', async () => {
    const target = new SyntheticTarget(hangs((at) => at < 1e6));
    const { cycles, best } = await run(target, { tuner: scripted(floor(0.5), floor(1.2)) });
    expect(cycles.map(({ outcome }) => outcome)).toEqual(['default', 'breach', 'kept']);
    expect(cycles[1]).toMatchObject({
      objective: null,
      note: 'rejected, and the default is back: the machine was lost: the lab guest hung: the window; its last words: stuck',
      measurement: { metrics: {}, distributions: {}, noFigure: { cause: 'lost' } },
    });
    expect(cycleSchema.parse(JSON.parse(JSON.stringify(cycles[1])))).toEqual(cycles[1]);
    expect(best.cycle).toBe(2);
    expect(target.log.slice(2, 5)).toEqual([expect.stringContaining('500000'), 'search', 'apply {}']);
  });

  it('however often, while the default is well', async () => {
    const target = new SyntheticTarget(hangs((at) => at < 1e6));
    const settings = [floor(0.9), floor(0.8), floor(0.7), floor(0.6), floor(1.2)];
    const { cycles, best } = await run(target, { tuner: scripted(...settings) });
    expect(cycles.map(({ outcome }) => outcome)).toEqual(['default', ...Array(4).fill('breach'), 'kept']);
    expect(best.cycle).toBe(5);
  });

  it('under the default ends the run, and says that no setting is to blame', async () => {
    const target = new SyntheticTarget(hangs(() => true));
    await expect(run(target)).rejects.toMatchObject({
      code: 'guest',
      message: expect.stringMatching(
        /, under the default: the machine was lost: the lab guest hung: the window/,
      ),
      hint: expect.stringContaining('no setting is to blame'),
    });
  });

  it('before the referee is no confirmation', async () => {
    const target = new SyntheticTarget(hangs((at, rigour) => rigour === 'referee' && at < 1.4e6));
    const { referee, verdict } = await run(target, { tuner: scripted(floor(1.2)), referee: true });
    expect(referee).toBeNull();
    expect(verdict.accepted).toBe(false);
  });
});

describe('a window in which the workload died', () => {
  it('has no figure, says why, and the run goes on', async () => {
    const target = new SyntheticTarget(dyingIn((at) => at < 1e6));
    const { cycles, best } = await run(target, { tuner: scripted(floor(0.5), floor(1.2)) });
    expect(cycles.map(({ outcome }) => outcome)).toEqual(['default', 'put back', 'kept']);
    const [, died] = cycles;
    expect(died).toMatchObject({
      objective: null,
      note: 'the workload died: pgbench ended early: window 1',
      measurement: { metrics: {}, distributions: {}, noFigure: { cause: 'died' } },
    });
    expect(cycleSchema.parse(JSON.parse(JSON.stringify(died)))).toEqual(died);
    expect(best.cycle).toBe(2);
    // The setting is out of force before the next is tried.
    expect(target.log.slice(2, 5)).toEqual([expect.stringContaining('500000'), 'search', 'apply {}']);
  });

  it('is a miss to every tuner, however many there are', async () => {
    const target = new SyntheticTarget(dyingIn((at) => at < 1e6));
    const { cycles, best } = await run(target, { referee: true });
    expect(cycles.filter(({ measurement }) => measurement?.noFigure)).not.toEqual([]);
    expect(best.values.min_granularity_ns).toBeGreaterThanOrEqual(1e6);
    expect(best.objective).toBeLessThan(75e6);
  });

  it('of the default’s several is left out of the middle and the noise', async () => {
    const target = new Noisy(dyingIn((_, window) => window === 1));
    const { cycles } = await run(target, { cycles: 1 });
    expect(cycles[0]).toMatchObject({ objective: 75e6, windows: [75e6, 75e6, 75e6, 75e6], noise: 0 });
    expect(cycles[0]?.note).toContain('1 of 5 windows: the workload died: pgbench ended early: window 1');
    expect(cycles[0]?.measurement?.noFigure).toBeUndefined();
  });

  it('before the referee confirms nothing, and does not lose the run', async () => {
    const target = new SyntheticTarget((values, rigour, window) => {
      if (rigour === 'referee') throw new WorkloadDied('guest', 'pgbench ended early');
      return better(values, rigour, window);
    });
    const { referee, verdict } = await run(target, { tuner: scripted(floor(1)), referee: true });
    expect(referee).toBeNull();
    expect(verdict).toMatchObject({ accepted: false });
    expect(verdict.text).toContain('the referee gave no figure');
  });

  it('of the default alone does not end the run: a setting may mend it', async () => {
    const { cycles, best } = await run(new SyntheticTarget(dyingIn((at) => at > 1e6)), {
      tuner: scripted(floor(1.2), floor(1)),
    });
    expect(cycles.map(({ objective }) => objective)).toEqual([null, null, 70e6]);
    expect(cycles[0]?.note).toContain('the workload died: pgbench ended early: window 0');
    expect(best.cycle).toBe(2);
  });

  it.each([
    ['several windows of the default', new Noisy(dyingIn(() => true)), 3],
    ['the default and what follows it', new SyntheticTarget(dyingIn(() => true)), 3],
    ['what precedes the default', new SyntheticTarget(dyingIn((_, window) => window > 0)), 4],
  ])('for the third time in a row ends the run: %s', async (_, target, windows) => {
    const steps = [floor(0.5), floor(1), { min_granularity_ns: 1.5e6 }];
    const tuner = scripted(...steps, ...steps);
    await expect(run(target, { tuner })).rejects.toMatchObject({
      code: 'rejected',
      message: expect.stringMatching(
        /^synthetic: died in 3 windows in a row, under the default too; in the last the workload died: pgbench ended/,
      ),
      hint: expect.stringContaining('gentler parameters'),
    });
    expect(target.log.filter((what) => what === 'search')).toHaveLength(windows);
    expect(target.inForce).toEqual(target.own);
  });

  it('under settings only never ends the run', async () => {
    const target = new SyntheticTarget(dyingIn((_, window) => window > 0));
    const { cycles } = await run(target, { tuner: scripted(...Array(6).fill(floor(1))) });
    expect(cycles).toHaveLength(7);
  });

  it('is not what a lost guest is: that still ends the run', async () => {
    const target = new SyntheticTarget(() => {
      throw new TunesmithError('guest', 'the lab guest hung');
    });
    await expect(run(target)).rejects.toThrow('the lab guest hung');
  });

  it('is in the account, and the run comes out the same from it', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'tunesmith-window-'));
    onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
    using ledger = new Ledger({ dir });
    const real = workloadByName('wakeup');
    const target = new SyntheticTarget((values, _, window) => {
      if (window === 2) throw new WorkloadDied('guest', 'it ended early');
      return { [real.objective]: values.min_granularity_ns ?? 0 };
    });
    const options = { ...{ target, workload: real, knobs, tuner: expert, cycles: 6, seed: 1 } };
    await tune(await accountIn(ledger, 'test')(options, {}));
    const records = readLedger(dir);
    expect(records.filter(({ kind }) => kind === 'measurement')[2]).toMatchObject({
      metrics: {},
      details: { noFigure: { cause: 'died', why: 'the workload died: it ended early' } },
    });
    expect(await replayLedger(records)).toMatchObject({ decisions: 6, first: null });
  });
});

describe('a window in which what is in force changed', () => {
  it('is recorded with both hashes, and is no figure', async () => {
    const { cycles, best } = await run(new Meddled([5]), { tuner: scripted(floor(0.5), floor(1)) });
    expect(cycles.map(({ objective }) => objective)).toEqual([75e6, null, 70e6]);
    expect(cycles[1]).toMatchObject({
      outcome: 'put back',
      note: expect.stringMatching(/^mixed: /),
      measurement: {
        metrics: {},
        inForce: { first: 'ours', last: 'theirs' },
        noFigure: { cause: 'mixed' },
      },
    });
    expect(cycles[2]?.measurement?.inForce).toEqual({ first: 'ours', last: 'ours' });
    expect(best.cycle).toBe(2);
  });

  it('of the default is left out, and is no death', async () => {
    const { cycles } = await run(new Meddled([1, 2, 3, 4]), { cycles: 1 });
    expect(cycles[0]).toMatchObject({ objective: 75e6, measurement: { inForce: { last: 'ours' } } });
    expect(cycles[0]?.note).toContain('4 of 5 windows: mixed: ');
  });
});
