import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { findKnob } from '../../../src/knobs/catalogue.js';
import { tune } from '../../../src/loop/tune.js';
import { prng } from '../../../src/tuners/prng.js';
import {
  latencyAt,
  PAPER_LATENCIES,
  realClock,
  virtualClock,
} from '../../../src/tuners/speculative/clock.js';
import { localSpeculator } from '../../../src/tuners/speculative/local.js';
import { speculative } from '../../../src/tuners/speculative.js';
import type { Observation, Tuner } from '../../../src/tuners/types.js';
import { better, SyntheticTarget, workload } from '../../loop/synthetic.js';
import { observed, twoKnobs } from '../case.js';

const knobs = [findKnob('latency_ns', 'cfs'), findKnob('min_granularity_ns', 'cfs')];
const floor = (min_granularity_ns: number) => ({ latency_ns: 12e6, min_granularity_ns });
/** Proposes these floors in turn and remembers how many windows it was shown. */
function scripted(name: string, floors: readonly number[], wait = 0) {
  const shown: number[] = [];
  const tuner: Tuner = {
    name,
    async propose(history) {
      const next = floors[shown.length];
      shown.push(history.length);
      if (wait > 0) await sleep(wait);
      return next === undefined ? null : { values: floor(next), reason: `${name} ${shown.length}` };
    },
  };
  return { tuner, shown };
}
const quick = Array.from({ length: 40 }, (_, i) => 1e6 - i * 1e4);
/** Every decision takes as long as this, s; windows are of one second. */
const taking = (latency: number) => ({ at: (window: number) => window, thinks: () => latency });

async function run(tuner: Tuner, cycles = 12) {
  const target = new SyntheticTarget(better);
  const outcome = await tune({ target, workload, knobs, tuner, cycles, seed: 1 });
  return { ...outcome, target, reasons: outcome.cycles.slice(1).map(({ reason }) => reason) };
}

describe('speculation', () => {
  it('proposes for every window, and the actor’s decision when it has arrived: the last write wins', async () => {
    const fast = scripted('fast', quick);
    const slow = scripted('slow', [3e5, 2.5e5, 2e5]);
    const { reasons } = await run(
      speculative({ speculator: fast.tuner, actor: slow.tuner, clock: taking(3.5) }),
    );
    const who = reasons.map((reason) => reason.split(':')[0]);
    const actor = (seen: number) => `Actor, on ${seen} windows`;
    // Begun at window 1, there at 4.5: window 5 is its first.
    expect(who).toEqual([
      ...['Speculator', 'Speculator', 'Speculator', 'Speculator', actor(1)],
      ...['Speculator', 'Speculator', 'Speculator', actor(5), 'Speculator', 'Speculator'],
    ]);
  });

  it('shows the actor what the speculator has done since', async () => {
    const slow = scripted('slow', [3e5, 2.5e5]);
    await run(
      speculative({ speculator: scripted('fast', quick).tuner, actor: slow.tuner, clock: taking(3.5) }),
    );
    expect(slow.shown.slice(0, 3)).toEqual([1, 5, 9]);
  });

  it('drops what was decided before the load changed', async () => {
    const changed = (history: readonly Observation[]) => (history.length >= 4 ? 3 : 0);
    const tuner = speculative({
      ...{ speculator: scripted('fast', quick).tuner, actor: scripted('slow', [3e5, 2.5e5]).tuner },
      ...{ clock: taking(3.5), changed },
    });
    const { reasons } = await run(tuner);
    expect(reasons[4]).toBe('Speculator: fast 5');
    expect(reasons[8]).toBe('Actor, on 5 windows: slow 2');
    expect(tuner.remarks?.()).toEqual([
      'actor decisions: 1 applied, 1 dropped because the load changed meanwhile',
    ]);
  });

  it('drops what the speculator has tried meanwhile and lost with, and applies what is still the best', async () => {
    const lost = speculative({
      ...{ speculator: scripted('fast', [5e5, 9e6, 4e5, 3e5]).tuner, actor: scripted('slow', [9e6]).tuner },
      clock: taking(3.5),
    });
    await run(lost, 6);
    expect(lost.remarks?.()).toEqual([
      'actor decisions: 0 applied, 1 dropped because it was tried meanwhile and lost',
    ]);
    const won = speculative({
      ...{ speculator: scripted('fast', [5e5, 2e5, 4e5, 3e5]).tuner, actor: scripted('slow', [2e5]).tuner },
      clock: taking(3.5),
    });
    await run(won, 6);
    expect(won.remarks?.()).toEqual(['actor decisions: 1 applied']);
  });

  it('drops what was known, where the same again is the same', async () => {
    const tuner = speculative({
      ...{ speculator: scripted('fast', quick).tuner, actor: scripted('slow', [1.5e6]).tuner },
      clock: taking(3.5),
    });
    const target = Object.assign(new SyntheticTarget(better), { exact: true });
    const { cycles } = await tune({ target, workload, knobs, tuner, cycles: 7, seed: 1 });
    expect(tuner.remarks?.()).toEqual(['actor decisions: 0 applied, 1 dropped because it was known']);
    expect(new Set(cycles.map(({ values }) => values.min_granularity_ns)).size).toBe(7);
  });

  it('stages every step: a worse one is put back, whoever’s it is, and the defaults are back at the end', async () => {
    const { cycles, target } = await run(
      speculative({
        ...{ speculator: scripted('fast', [1e6, 9e6, 5e5, 8e6]).tuner, actor: scripted('slow', [7e6]).tuner },
        clock: taking(3.5),
      }),
      6,
    );
    expect(cycles.map(({ outcome }) => outcome)).toEqual([
      'default',
      'kept',
      'put back',
      'kept',
      'put back',
      'put back',
    ]);
    expect(target.log.at(-2)).toBe(`apply ${JSON.stringify(floor(5e5))}`);
    expect(target.inForce).toEqual(target.own);
  });

  it('keeps the best in force while only the actor is still at work, and ends with both', async () => {
    const tuner = speculative({
      ...{ speculator: scripted('fast', [5e5]).tuner, actor: scripted('slow', [2e5]).tuner },
      clock: taking(3.5),
    });
    const { reasons, cycles } = await run(tuner, 40);
    expect(reasons.slice(1, 4).every((reason) => reason.includes('while the actor thinks'))).toBe(true);
    expect(cycles[3]?.values).toEqual(floor(5e5));
    expect(cycles.length).toBeLessThan(15);
  });

  it('in real time does not wait for the actor', async () => {
    const slow = scripted('slow', [2e5], 600);
    const fast = scripted('fast', quick, 100);
    const { reasons } = await run(
      speculative({ speculator: fast.tuner, actor: slow.tuner, clock: realClock() }),
      20,
    );
    const arrived = reasons.findIndex((reason) => reason.startsWith('Actor, on 1 windows'));
    expect(arrived).toBeGreaterThan(0);
    expect(reasons.slice(0, arrived).every((reason) => reason.startsWith('Speculator'))).toBe(true);
  });

  it('lets an actor’s failure end the run', async () => {
    const failing: Tuner = { name: 'failing', propose: () => Promise.reject(new Error('no more')) };
    const tuner = speculative({
      speculator: scripted('fast', quick).tuner,
      actor: failing,
      clock: taking(2),
    });
    await expect(run(tuner)).rejects.toThrow('no more');
  });
});

describe('latencies', () => {
  it.each(Object.entries(PAPER_LATENCIES))('of %s have the paper’s percentiles', (_, profile) => {
    const drawn = Array.from({ length: 4000 }, (_, i) => latencyAt(profile, prng(3, i))).sort(
      (a, b) => a - b,
    );
    expect((drawn[2000] as number) / profile.p50).toBeCloseTo(1, 1);
    expect((drawn[3800] as number) / profile.p95).toBeCloseTo(1, 1);
  });

  it('are the same for the same seed, or the models’ own', () => {
    const [one, two] = [1, 2].map((seed) =>
      virtualClock(1, PAPER_LATENCIES['gemini-2.5-flash'], seed).thinks?.(0, 9),
    );
    expect(virtualClock(1, PAPER_LATENCIES['gemini-2.5-flash'], 1).thinks?.(0, 9)).toBe(one);
    expect(two).not.toBe(one);
    expect(virtualClock(1).thinks?.(0, 9)).toBe(9);
  });
});

describe('the local speculator', () => {
  const at = (cycle: number, value: number, figure: number) => observed(cycle, floor(value), figure);
  /** Loads change at 4 and at 8. */
  const changed = (history: readonly Observation[]) => (history.length > 8 ? 8 : history.length > 4 ? 4 : 0);

  it('first recalls what was best under earlier loads, the latest first, then follows the expert', async () => {
    const history = [
      ...[at(0, 1.5e6, 50e6), at(1, 5e5, 30e6), at(2, 3e6, 70e6), at(3, 6e5, 40e6)],
      ...[at(4, 5e5, 90e6), at(5, 4e6, 20e6), at(6, 5e6, 40e6), at(7, 2e6, 50e6)],
      at(8, 9e5, 60e6),
    ];
    const speculator = localSpeculator(changed);
    const first = await speculator.propose(history, twoKnobs);
    expect(first?.values).toEqual(floor(4e6));
    const second = await speculator.propose([...history, at(9, 4e6, 55e6)], twoKnobs);
    expect(second).toEqual({
      values: floor(5e5),
      reason: 'The load changed; this was best in windows 0 to 3.',
    });
    const third = await speculator.propose([...history, at(9, 4e6, 55e6), at(10, 5e5, 33e6)], {
      ...twoKnobs,
      cycles: 30,
    });
    expect(third?.reason).not.toContain('The load changed');
  });

  it('is the expert while nothing has changed', async () => {
    const proposal = await localSpeculator(() => 0).propose([at(0, 1.5e6, 50e6)], twoKnobs);
    expect(proposal?.reason).toContain('Coarse move');
  });
});
