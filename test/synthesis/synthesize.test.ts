import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bestCandidates } from '../../src/synthesis/assemble.js';
import { claimOut, freeOut } from '../../src/synthesis/settings.js';
import { start, tunesmith } from '../cli/cli.js';

import { accepting, answered, Formula, rejecting, runIn } from './formula.js';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'tunesmith-synthesize-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe('a synthesis', () => {
  it('sweeps the stock, searches, and asks the referee on seeds and loads the search never saw', async () => {
    const evaluator = new Formula(0.9, 1);
    const outcome = await runIn(dir, evaluator);
    expect(outcome.referee.selection).toMatchObject({ decision: 'synthesized' });
    const seeds = (rigour: string, workload = 'mixed') =>
      evaluator.asked.filter((one) => one.rigour === rigour && one.workload === workload);
    expect(seeds('search', 'wakeup')).toEqual([]);
    expect(seeds('search', 'hackbench').length).toBeGreaterThan(0);
    expect(seeds('referee', 'hackbench')).toEqual([]);
    expect(seeds('referee', 'wakeup').length).toBeGreaterThan(0);
    expect(seeds('referee').every((one) => one.seeds >= 5)).toBe(true);
    expect(outcome.sweep.policies.map(({ stock }) => stock.name)).toContain('genes');
    expect(outcome.sweep.leftOut).toEqual(['nearby']);
    const used = new Set(outcome.search.tried.flatMap(({ score }) => score.effort.seeds));
    for (const seed of outcome.referee.effort.seeds) expect(used.has(seed)).toBe(false);
    const [best] = bestCandidates(outcome);
    expect(best?.id).toBe(outcome.referee.selection.policy);
  });

  it.each([
    ['a repository policy nothing beats', new Formula(0.01, 1), accepting, 'repository'],
    ['probes that reject', new Formula(1.5, 1), rejecting, 'eevdf'],
    ['a loss elsewhere', new Formula(1.5, 1.03), accepting, 'eevdf'],
  ])('is honest about %s', async (_, evaluator, pipeline, decision) => {
    const outcome = await runIn(dir, evaluator, { pipeline });
    expect(outcome.referee.selection.decision).toBe(decision);
    // The folder holds the best candidate all the same.
    expect(bestCandidates(outcome)[0]?.by).toBe('genes');
    const result = answered(outcome);
    expect(result.answer).toMatch(decision === 'eevdf' ? /^Keep EEVDF/ : /^Use policy \w+ as it is/);
  });

  it('keeps the goal’s own guardrail', async () => {
    const strict = await runIn(dir, new Formula(1.5, 1), { goal: 'lower p99, keep throughput within 1 %' });
    const held = strict.search.tried.filter(({ gain }) => gain !== null);
    expect(held.every(({ candidate }) => (candidate.tunables.slice_ns ?? 0) > 1.8e6)).toBe(true);
    expect(strict.search.tried.some(({ score }) => score.dropped?.includes('goal keeps it within 1 %'))).toBe(
      true,
    );
  });

  it('refuses an objective that searches do not measure', async () => {
    const blind = new Formula(0.9, 1);
    const whole = blind.score.bind(blind);
    blind.score = async (...asked) => ({ ...(await whole(...asked)), value: null, values: [] });
    await expect(runIn(dir, blind)).rejects.toThrow('without the sampler');
  });

  it('recommends what the repository has where its own find, found before, is no better', async () => {
    const outcome = await runIn(dir, new Formula(0.9, 1, 0.05));
    expect(outcome.search.finalists[0]?.gain).toBeGreaterThan(0.5);
    expect(outcome.referee.before.map(({ name }) => name)).toEqual(['nearby']);
    expect(outcome.referee.selection).toMatchObject({ decision: 'repository', policy: 'nearby' });
    const { answer } = answered(outcome);
    expect(answer).toMatch(/^Use policy nearby as it is .* This very search found nearby before\.$/);
    expect(answered(await runIn(dir, new Formula(0.9, 1))).answer).toContain('Better than nearby as well');
  });

  it('goes on after a kill without measuring again, to the same end', async () => {
    const first = new Formula(0.9, 1);
    const whole = await runIn(dir, first);
    rmSync(join(dir, 'search.jsonl'));
    const evaluator = new Formula(0.9, 1);
    const asked = evaluator.score.bind(evaluator);
    let count = 0;
    evaluator.score = async (candidate, at, effort) => {
      if (candidate?.by === 'genes' && at.workload === 'mixed' && ++count > 20) throw new Error('killed');
      return asked(candidate, at, effort);
    };
    await expect(runIn(dir, evaluator)).rejects.toThrow('killed');
    const second = new Formula(0.9, 1);
    const rest = await runIn(dir, second);
    expect(rest.search.tried).toEqual(whole.search.tried);
    expect(rest.referee.selection).toEqual(whole.referee.selection);
    const searched = ({ asked: all }: Formula) =>
      all.filter((one) => one.by === 'genes' && one.rigour === 'search' && one.workload === 'mixed').length;
    expect(searched(second)).toBe(searched(first) - 20);
  });
});

describe('on the command line', () => {
  it('synthesize needs no --out, and says where it writes', async () => {
    const literal = ['synthesize', '--proposer', 'genes', '--workload', 'mixed', '--budget', '10m'];
    const run = start(literal, { cwd: dir });
    run.stderr.once('data', () => run.kill('SIGKILL'));
    const { signal, stderr } = await run;
    expect(signal).toBe('SIGKILL');
    expect(stderr.split('\n')[0]).toBe(`writes to ${join(realpathSync(dir), 'out', 'mixed')}`);
    expect(existsSync(join(dir, 'out', 'mixed', 'settings.json'))).toBe(true);
  });

  it('goes on from a directory that knows all else, and takes what is given beside it', async () => {
    const first = start(
      ['synthesize', '--workload', 'mixed', '--seed', '7', '--goal', 'lower p99', '--out', 'there'],
      { cwd: dir },
    );
    first.stderr.on('data', (text) => /^budget:/m.test(text) && first.kill('SIGKILL'));
    await first;
    const asked = JSON.parse(readFileSync(join(dir, 'there', 'asked.json'), 'utf8'));
    expect(asked).toMatchObject({ workload: 'mixed', seed: '7', goal: 'lower p99', budget: '10m' });
    const other = await start(['synthesize', '--resume', 'there', '--seed', '8'], { cwd: dir });
    expect([other.exitCode, other.stderr]).toEqual([2, expect.stringContaining('is another seed')]);
    const again = start(['synthesize', '--resume', 'there', '--budget', '3m'], { cwd: dir });
    again.stderr.on('data', (text) => /^budget:/m.test(text) && again.kill('SIGKILL'));
    const { stderr } = await again;
    expect(stderr).toContain('writes to');
    expect(JSON.parse(readFileSync(join(dir, 'there', 'asked.json'), 'utf8'))).toEqual({
      ...asked,
      budget: '3m',
    });
  });

  it('stops at Ctrl-C with a report of what is known by then', async () => {
    const run = start(['synthesize', '--workload', 'mixed', '--budget', '64 candidates', '--out', 'cut'], {
      cwd: dir,
    });
    let said = '';
    run.stderr.on('data', (chunk) => {
      const before = said;
      said += chunk;
      const isUnderWay = (text: string) => /^stock sweep: .*seeds$/m.test(text);
      if (isUnderWay(said) && !isUnderWay(before)) run.kill('SIGINT');
    });
    const { exitCode, stdout } = await run;
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/^Undecided for mixed .*Not done: /);
    const result = JSON.parse(readFileSync(join(dir, 'cut', 'result.json'), 'utf8'));
    expect(result.undone.join()).toContain('it was interrupted');
    expect(readFileSync(join(dir, 'cut', 'report.html'), 'utf8')).toContain('undecided');
    const again = await start(['synthesize', '--resume', 'cut', '--budget', '1s'], { cwd: dir });
    // What is known is not written over by a run that has no time for it.
    expect([again.exitCode, again.stderr]).toEqual([2, expect.stringContaining('is used up')]);
    expect(JSON.parse(readFileSync(join(dir, 'cut', 'result.json'), 'utf8'))).toEqual(result);
  }, 1_200_000);

  it('names a place of its own for a search that is given none', () => {
    const settings = { seed: 1 };
    const before = process.cwd();
    process.chdir(dir);
    try {
      expect(freeOut('mixed', settings, false)).toBe('out/mixed');
      expect(freeOut('mixed', settings, true)).toBe('out/mixed');
      mkdirSync('out/mixed', { recursive: true });
      claimOut('out/mixed', settings, false);
      expect(freeOut('mixed', { seed: 2 }, false)).toBe('out/mixed');
      writeFileSync('out/mixed/search.jsonl', '');
      writeFileSync('out/mixed-2', 'a file');
      expect(freeOut('mixed', settings, false)).toBe('out/mixed-3');
      mkdirSync('out/mixed-3');
      writeFileSync('out/mixed-3/search.jsonl', '');
      claimOut('out/mixed-3', { seed: 2 }, false);
      expect(freeOut('mixed', settings, true)).toBe('out/mixed');
      expect(freeOut('mixed', { seed: 2 }, true)).toBe('out/mixed-3');
      expect(() => claimOut(freeOut('mixed', { seed: 3 }, true), { seed: 3 }, true)).toThrow('another seed');
    } finally {
      process.chdir(before);
    }
  });

  it.each([
    [['--workload', 'mixd'], 'mixed'],
    [['--workload', 'mixed', '--goal', 'faster'], 'lower METRIC'],
    [['--workload', 'mixed', '--proposer', 'model'], '--model PROVIDER:MODEL'],
    [['--workload', 'mixed', '--model', 'gemini:x'], '--proposer model or both'],
    [['--workload', 'mixed', '--budget', 'some'], 'a duration (5m)'],
    [['--workload', 'mixed', '--budget', '5m,calls=3'], '--proposer genes asks none'],
    [
      ['--workload', 'mixed', '--kernel', 'newst'],
      'is no role, no version Debian’s archive has, and no file',
    ],
    [['--workload', 'mixed', '--kernel', '6.1'], 'has no sched_ext'],
    [['--workload', 'mixed', '--kernel', 'cfs'], 'has no sched_ext'],
    [['--workload', 'mixed', '--objective', 'runq_latency_p99_ns'], 'goes without the sampler'],
    [['--workload', 'mixed', '--objective', 'thruput'], 'is not known'],
    [['--workload', 'mixed', '--param', 'hogz=3'], 'hog'],
    [['--workload', 'mixed', '--cpus', '0'], '--cpus'],
    [['--workload', 'mixed', '--repairs', 'many'], '--repairs'],
    [['--proposer', 'genes'], '--workload'],
    [['--resume', '/nowhere/at/all'], 'holds no search that was begun'],
    [['--workload', 'mixed', '--resume'], 'leave --resume out'],
    [['--workload', 'mixed', '--proposer', 'dice'], 'genes'],
    [['--workload', 'mixed', '--name', 'My Policy'], 'lower-case letters'],
    [['--workload', 'mixed', '--name', 'vtime'], 'is a policy of the repository'],
  ])('synthesize %s says what is wrong', async (args, says) => {
    const { code, stderr } = await tunesmith('synthesize', ...args, '--out', dir);
    expect(code).toBe(2);
    expect(stderr).toContain(says);
  });
});
