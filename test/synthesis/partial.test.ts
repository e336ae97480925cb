import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { askedBy, type SynthesizeFlags } from '../../src/cli/commands/synthesize/flags.js';
import { Progress } from '../../src/cli/commands/synthesize/progress.js';
import { MachineFailed } from '../../src/errors.js';
import { Clock } from '../../src/synthesis/clock.js';
import { planOf } from '../../src/synthesis/plan.js';
import { rivalsOf } from '../../src/synthesis/stock.js';
import { unmeasured } from '../../src/synthesis/types.js';

import { accepting, answered, Formula, runIn, where } from './formula.js';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'tunesmith-partial-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe('a busy machine', () => {
  it.each([
    ['a policy of the repository in the sweep', 'edf', 'search', 'edf (sweep: the lab failed)'],
    ['one before the referee', 'edf', 'referee', 'edf (referee: the lab failed)'],
  ])('that does not get measured %s has it named in the answer', async (_, name, rigour, says) => {
    const evaluator = new Formula(0.01, 1);
    evaluator.lost.set(name, rigour);
    // Of equals the first goes to the referee.
    const outcome = await runIn(dir, evaluator, { more: { candidates: 16 } });
    const { answer, missing } = answered(outcome);
    if (rigour === 'referee' && !outcome.referee.repository.some((one) => one.name === name)) return;
    expect(missing.map((one) => one.name)).toContain(name);
    expect(answer).toContain(says);
    expect(answer).toContain('the answer may be another');
  });

  it('that measures no EEVDF decides nothing, and loses nobody', async () => {
    const evaluator = new Formula(0.9, 1);
    evaluator.lost.set('own', 'referee');
    const outcome = await runIn(dir, evaluator, { more: { candidates: 16 } });
    expect(outcome.referee.selection.decision).toBe('undecided');
    expect(answered(outcome).answer).toMatch(/^Undecided .*EEVDF \(referee: the lab failed\)/);
  });

  it('that does not get the probes done rejects nobody for that: they are tried again, then named', async () => {
    let asked = 0;
    const failing = (times: number) => ({
      check: async () => {
        if (++asked <= times) throw new MachineFailed('clang got no CPU');
        return accepting.check();
      },
    });
    const passed = await runIn(dir, new Formula(0.9, 1), { pipeline: failing(2) });
    expect(passed.referee.selection.decision).toBe('synthesized');
    asked = 0;
    rmSync(join(dir, 'search.jsonl'));
    const outcome = await runIn(dir, new Formula(0.9, 1), { pipeline: failing(1e9) });
    expect(outcome.referee.selection.decision).not.toBe('synthesized');
    expect(answered(outcome).answer).toContain('(probes: clang got no CPU)');
  });
});

describe('a budget of time', () => {
  /** So many ms are left, whatever happens. */
  const left = (ms: () => number): Clock => {
    const clock = new Clock(null);
    clock.leftMs = ms;
    return clock;
  };
  const dear = (stock: number): Formula => {
    const evaluator = new Formula(stock, 1);
    evaluator.cost = async () => 1e4;
    return evaluator;
  };

  it('that is too short for a search is said first, and leaves the repository to be judged', async () => {
    const notes: string[] = [];
    const plan = await planOf(dear(0.01), where, rivalsOf(where, 1).stock);
    let looks = 0;
    // The sweep turns out to be quicker than was thought, but not that much.
    const clock = left(() => (looks++ < 2 ? plan.sweepMs + plan.refereeMs + 1 : 0.6 * plan.refereeMs));
    const note = (text: string) => void notes.push(text);
    const outcome = await runIn(dir, dear(0.01), { more: { clock, note } });
    expect(notes[0]).toMatch(/^budget: .* for everything; if the cache has none/);
    expect(notes[2]).toMatch(/Left out: search, probes and unseen loads/);
    expect(outcome.search.ended).toBe('not begun');
    expect(outcome.referee.selection.decision).toBe('repository');
    expect(answered(outcome).answer).toMatch(
      /^Use policy .* Not done: the search, probes and unseen loads: there was no time/,
    );
  });

  it('that is enough for a sweep alone recommends nothing', async () => {
    const outcome = await runIn(dir, dear(0.01), { more: { clock: left(() => 1) } });
    expect(outcome.referee.selection.decision).toBe('undecided');
    expect(outcome.sweep.policies.length).toBeGreaterThan(10);
    const { answer, undone } = answered(outcome);
    expect(undone).toHaveLength(2);
    expect(answer).toMatch(/^Undecided .*--resume/);
  });

  it('ends the search while there is time for the referee', async () => {
    const plan = await planOf(new Formula(0.9, 1), where, rivalsOf(where, 1).stock);
    const all = plan.sweepMs + plan.generationMs + plan.refereeMs + plan.judgeMs;
    let looks = 0;
    const clock = left(() => (looks++ > 4 ? plan.refereeMs : 2 * all));
    const outcome = await runIn(dir, new Formula(0.9, 1), { more: { clock, candidates: 1000 } });
    expect(outcome.search.ended).toBe('wall time');
    expect(outcome.search.tried.length).toBeLessThan(100);
    expect(outcome.referee.finalists.length).toBeGreaterThan(0);
  });

  it('limits all that is done, whatever is under way when it is over', async () => {
    const clock = new Clock(join(dir, 'times.json'), 300);
    const slow = new Formula(0.9, 1);
    const whole = slow.score.bind(slow);
    slow.score = async (candidate, at, effort) => {
      await Promise.race([setTimeout(60), once(clock.signal, 'abort')]);
      return clock.signal.aborted
        ? unmeasured(candidate?.id ?? 'own', effort, 'the lab was closed')
        : whole(candidate, at, effort);
    };
    const outcome = await runIn(dir, slow, { more: { clock, signal: clock.signal, candidates: 1e6 } });
    clock.close();
    expect(outcome.undone.join()).toContain('the time was up');
    expect(clock.leftMs()).toBe(0);
  });
});

describe('a synthesis that is stopped', () => {
  it.each([
    ['sweep', 3],
    ['search', 40],
    ['search', 80],
    ['referee', 130],
  ])('in its %s says what is known by then, and goes on to the same end', async (phase, after) => {
    const whole = await runIn(dir, new Formula(0.9, 1));
    rmSync(join(dir, 'search.jsonl'));
    const stop = new AbortController();
    const evaluator = new Formula(0.9, 1);
    const asked = evaluator.score.bind(evaluator);
    let count = 0;
    evaluator.score = async (candidate, at, effort) => {
      if (++count > after) stop.abort();
      return stop.signal.aborted
        ? unmeasured(candidate?.id ?? 'own', effort, 'the lab was closed')
        : asked(candidate, at, effort);
    };
    const times = join(dir, 'times.json');
    const first = new Clock(times);
    const cut = await runIn(dir, evaluator, { more: { signal: stop.signal, clock: first } });
    first.close();
    expect(cut.undone.at(-1)).toContain('it was interrupted');
    expect(cut.undone.join()).toContain(phase);
    expect(answered(cut).answer).toContain('Not done: ');
    expect(cut.referee.selection.decision).not.toBe('synthesized');
    const second = new Clock(times);
    const rest = await runIn(dir, new Formula(0.9, 1), { more: { clock: second } });
    second.close();
    expect(rest.search.tried).toEqual(whole.search.tried);
    expect(rest.referee.selection).toEqual(whole.referee.selection);
    expect([rest.undone, rest.missing]).toEqual([[], []]);
    // Totals are those of both runs.
    const [before, later] = [cut.took, rest.took];
    for (const part of ['sweep', 'search', 'referee'] as const)
      expect(later[part]).toBeGreaterThanOrEqual(before[part]);
  });
});

it('progress is never silent for long', async () => {
  const said: string[] = [];
  const out = { note: (text: string) => void said.push(text), step: (text: string) => void said.push(text) };
  const progress = new Progress(out, () => '3 measurements under way, 2 min left', 20);
  progress.note('stock sweep: begins');
  while (said.length < 3) await setTimeout(5);
  progress.close();
  expect(said.slice(1, 3)).toEqual(
    Array(2).fill('stock sweep: still at work, 3 measurements under way, 2 min left'),
  );
});

it('a program has time to write code, unless a file says how much', () => {
  const flags = { workload: 'mixed', param: [], proposer: 'model', repairs: '3', cpus: '2', kernel: 'scx' };
  const more = { seed: '1', budget: '10m', model: 'command:agent' };
  const asked = askedBy({ ...flags, ...more } as unknown as SynthesizeFlags);
  expect(asked.model).toMatchObject({ provider: 'command', timeout: 1_800_000 });
  const file = join(dir, 'agent.json');
  writeFileSync(file, JSON.stringify({ provider: 'command', command: ['agent'], timeout: '7m' }));
  const named = askedBy({ ...flags, ...more, model: file } as unknown as SynthesizeFlags);
  expect(named.model).toMatchObject({ timeout: 420_000 });
});
