import { describe, expect, it } from 'vitest';
import { findKnob } from '../../src/knobs/catalogue.js';
import { assembleResult } from '../../src/loop/assemble.js';
import { resultSchema } from '../../src/loop/result.js';
import { tune } from '../../src/loop/tune.js';
import type { TuneOptions } from '../../src/loop/types.js';
import { scripted } from './scripted.js';
import { type Response, SyntheticTarget, workload } from './synthetic.js';

/** A machine whose windows of one setting differ. */
class NoisyTarget extends SyntheticTarget {
  readonly repeats = { default: 3, pairs: 6 };
}

const knobs = [findKnob('latency_ns', 'cfs'), findKnob('min_granularity_ns', 'cfs')];
const FLOOR = { min_granularity_ns: 200_000 };

function run(response: Response, more: Partial<TuneOptions> = {}) {
  const target = new NoisyTarget(response);
  const options = { target, workload, knobs, tuner: scripted(FLOOR), cycles: 2, seed: 1, referee: true };
  return { target, done: tune({ ...options, ...more }) };
}

/** Windows 0 to 2 are the default's, 3 the search's, 4 to 15 the referee's. */
const p99 = (of: (floor: number, window: number) => number): Response => {
  return ({ min_granularity_ns: floor = 0 }, _, window) => ({
    txn_p99_ns: of(floor, window),
    throughput_per_s: 700,
    fairness_jain: 0.9,
  });
};
const halved = p99((floor, window) => (floor < 1e6 ? 30e6 : 60e6) + (window % 3) * 3e6);

describe('on a noisy target', () => {
  it('several windows of the default say how large the noise is', async () => {
    const { cycles } = await run(halved).done;
    expect(cycles[0]).toMatchObject({ objective: 63e6, windows: [60e6, 63e6, 66e6], outcome: 'default' });
    expect(cycles[0]?.noise).toBeCloseTo(3 / 63);
    expect(cycles[0]?.note).toBe('median of 3 windows, 60 ms to 66 ms: the noise is 4.76 %');
    expect(cycles[1]?.windows).toBeUndefined();
  });

  it('the referee measures both by turns, every other pair the other way round', async () => {
    const turns: string[] = [];
    const { target, done } = run(halved, {
      onReferee: (which, turn) => turns.push(`${which} ${turn?.turn}/${turn?.of}`),
    });
    const { referee, verdict } = await done;
    expect(turns.slice(0, 4)).toEqual(['default 1/6', 'best 1/6', 'best 2/6', 'default 2/6']);
    const asked = target.log.slice(target.log.indexOf('referee') - 1);
    const best = 'apply {"latency_ns":12000000,"min_granularity_ns":200000}';
    expect(asked.slice(0, 8)).toEqual([
      ...['apply {}', 'referee', best, 'referee'],
      ...[best, 'referee', 'apply {}', 'referee'],
    ]);
    expect(referee).toMatchObject({ pairs: { of: 6, better: 6, needed: 6 }, default: { objective: 63e6 } });
    expect(referee?.best.windows).toHaveLength(6);
    expect(verdict.accepted).toBe(true);
    expect(verdict.text).toContain('referee-confirmed (better in 6 of 6 pairs of windows); set with');
    expect(target.inForce).toEqual(target.own);
  });

  it('a better median alone is not believed', async () => {
    // One pair goes the other way: by the medians the best is better by half.
    const response = p99((floor, window) => (window === 5 ? 90e6 : floor < 1e6 ? 30e6 : 60e6));
    const { referee, verdict } = await run(response).done;
    expect(referee).toMatchObject({ gain: 0.5, pairs: { of: 6, better: 5, needed: 6 } });
    expect(verdict.accepted).toBe(false);
    expect(verdict.text).toContain('better in 5 of 6 pairs of windows, and it takes 6 to rule out chance');
  });

  it('a difference within the noise is called that', async () => {
    const response = p99((floor, window) => (floor < 1e6 ? 58e6 : ([50e6, 60e6, 70e6][window % 3] ?? 0)));
    const { cycles, verdict } = await run(response, { referee: false }).done;
    expect(cycles[1]?.note).toContain('beats the default by 3.33 %, less than the noise of 16.7 %');
    expect(verdict.text).toContain('while searching, less than the noise of 16.7 %, not referee-confirmed');
  });

  it('what the default’s worst window does is no breach; worse is', async () => {
    const rate = (search: number): Response => {
      return (_, __, window) => ({
        ...{ txn_p99_ns: 60e6, fairness_jain: 0.9 },
        throughput_per_s: [700, 1000, 1000, search][window] ?? 1000,
      });
    };
    const held = await run(rate(570), { referee: false }).done;
    expect(held.cycles[1]?.outcome).toBe('put back');
    const broken = await run(rate(550), { referee: false }).done;
    expect(broken.cycles[1]).toMatchObject({ outcome: 'breach' });
    expect(broken.cycles[1]?.note).toContain('550/s is below 0.8 × the default’s worst window, 560/s');
  });

  it('nothing is confirmed when nothing beat the default: it has had its windows', async () => {
    const { target, done } = run(p99(() => 60e6));
    const { referee, verdict } = await done;
    expect(referee).toBeNull();
    expect(target.log).not.toContain('referee');
    expect(verdict.text).toContain('keep the default');
  });

  it('a signal ends the default’s windows and the referee’s', async () => {
    const early = new AbortController();
    const first = run(
      p99(() => {
        early.abort();
        return 60e6;
      }),
      { signal: early.signal },
    );
    expect((await first.done).cycles[0]?.windows).toBeUndefined();
    const late = new AbortController();
    const second = run(halved, { signal: late.signal, onReferee: () => late.abort() });
    expect(await second.done).toMatchObject({ referee: null, interrupted: true });
    expect(second.target.inForce).toEqual(second.target.own);
  });

  it('the result keeps windows, pairs and remarks, and its schema accepts them', async () => {
    const outcome = await run(halved).done;
    const target = {
      name: 'x',
      kind: 'host',
      kernel: '6.18',
      scheduler: 'eevdf',
      cpus: 2,
      qemu: null,
    } as const;
    const about = { command: 'x', target, parameters: {}, windowNs: 1e9, remarks: ['1 task ended'] };
    const result = assembleResult(outcome, about);
    expect(resultSchema.parse(result)).toEqual(result);
    expect(result).toMatchObject({
      remarks: ['1 task ended'],
      referee: { pairs: { of: 6 }, default: { windows: { length: 6 } } },
      cycles: [{ noise: expect.any(Number) }, {}],
    });
  });
});
