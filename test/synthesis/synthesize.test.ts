import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { assembleSynthesis, bestCandidates } from '../../src/synthesis/assemble.js';
import { FitCheck } from '../../src/synthesis/fit.js';
import { genesSource } from '../../src/synthesis/genes/candidate.js';
import { GenesProposer } from '../../src/synthesis/genes/proposer.js';
import { parseGoal } from '../../src/synthesis/goal.js';
import { claimOut, freeOut } from '../../src/synthesis/settings.js';
import { synthesize } from '../../src/synthesis/synthesize.js';
import type { Candidate, Case, Effort, Evaluator, Score } from '../../src/synthesis/types.js';
import type { PolicyVerdict } from '../../src/verify/verdict-schema.js';
import { workloadByName } from '../../src/workloads/index.js';
import { start, tunesmith } from '../cli/cli.js';
import { archiveOf } from './archive.js';

vi.setConfig({ testTimeout: 60_000 });

/** A load as a formula, so that what is asked of it can be counted: the shorter the turn, the lower p99 and throughput. */
class Formula implements Evaluator {
  readonly asked: { by: string; workload: string; rigour: string; seeds: number }[] = [];

  constructor(
    private readonly stock: number,
    private readonly heldOut: number,
  ) {}

  async score(candidate: Candidate | null, where: Case, effort: Effort): Promise<Score> {
    const by = candidate?.by ?? 'own';
    this.asked.push({
      ...{ by, workload: where.workload, rigour: effort.rigour },
      seeds: effort.seeds.length,
    });
    const slice = candidate?.tunables.slice_ns ?? 3_000_000;
    const factor = by === 'own' ? 1 : by === 'repository' ? this.stock : slice / 3_000_000;
    const other = where.workload !== 'mixed' && by === 'genes' ? this.heldOut : 1;
    const values = effort.seeds.map(
      (seed) => 2e6 * (where.workload === 'mixed' ? factor : other) * (1 + (seed % 5) / 100),
    );
    const value = values.reduce((sum, one) => sum + one, 0) / values.length;
    const throughput_per_s = 4000 * Math.min(1, 0.8 + slice / 10e6);
    const metrics = {
      [where.objective.metric]: value,
      throughput_per_s,
      wakeup_p99_ns: value,
      switches_per_s: 900,
    };
    return { candidate: candidate?.id ?? 'own', effort, value, values, metrics, keys: [] };
  }
}

const accepting = { check: async () => ({ accepted: true, findings: [] }) as unknown as PolicyVerdict };
const rejecting = {
  check: async () =>
    ({
      accepted: false,
      findings: [{ stage: 'trial', rule: 'trial/stall', severity: 'error', message: 'hogs: starved' }],
    }) as unknown as PolicyVerdict,
};

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'tunesmith-synthesize-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const { case: where } = archiveOf();
const run = (evaluator: Evaluator, { pipeline = accepting, goal = undefined as string | undefined } = {}) =>
  synthesize({
    ...{ where, evaluator, fits: new FitCheck(pipeline), seed: 1, budget: { candidates: 48 } },
    goal: parseGoal(workloadByName('mixed'), goal),
    proposers: () => [new GenesProposer(genesSource(), 1)],
    journal: join(dir, 'search.jsonl'),
  });

describe('a synthesis', () => {
  it('sweeps the stock, searches, and asks the referee on seeds and loads the search never saw', async () => {
    const evaluator = new Formula(0.9, 1);
    const outcome = await run(evaluator);
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
    const outcome = await run(evaluator, { pipeline });
    expect(outcome.referee.selection.decision).toBe(decision);
    // The folder holds the best candidate all the same.
    expect(bestCandidates(outcome)[0]?.by).toBe('genes');
    const result = assembleSynthesis(outcome, {
      ...{ command: 'tunesmith synthesize', where, kernel: '6.18', words: null, seed: 1 },
      ...{
        goal: parseGoal(workloadByName('mixed')),
        proposers: ['genes'],
        budget: '48 candidates',
        model: null,
      },
    });
    expect(result.answer).toContain('Not measured against nearby: this very search found it before.');
    expect(result.answer).toMatch(decision === 'eevdf' ? /^Keep EEVDF/ : /^Use policy \w+ as it is/);
  });

  it('keeps the goal’s own guardrail', async () => {
    const strict = await run(new Formula(1.5, 1), { goal: 'lower p99, keep throughput within 1 %' });
    const held = strict.search.tried.filter(({ gain }) => gain !== null);
    expect(held.every(({ candidate }) => (candidate.tunables.slice_ns ?? 0) > 1.8e6)).toBe(true);
    expect(strict.search.tried.some(({ score }) => score.dropped?.includes('goal keeps it within 1 %'))).toBe(
      true,
    );
  });

  it('says nothing of half a comparison, and nothing of what searches do not measure', async () => {
    const abort = AbortSignal.abort();
    const options = {
      ...{
        where,
        evaluator: new Formula(0.9, 1),
        fits: new FitCheck(accepting),
        seed: 1,
        budget: { candidates: 48 },
      },
      goal: parseGoal(workloadByName('mixed')),
      proposers: () => [new GenesProposer(genesSource(), 1)],
    };
    await expect(synthesize({ ...options, signal: abort })).rejects.toThrow('before it had an answer');
    const blind: Evaluator = {
      score: async (candidate, at, effort) => ({
        ...(await options.evaluator.score(candidate, at, effort)),
        ...{ value: null, values: [] },
      }),
    };
    await expect(synthesize({ ...options, evaluator: blind })).rejects.toThrow('without the sampler');
  });

  it('goes on after a kill without measuring again, to the same end', async () => {
    const first = new Formula(0.9, 1);
    const whole = await run(first);
    rmSync(join(dir, 'search.jsonl'));
    const evaluator = new Formula(0.9, 1);
    const asked = evaluator.score.bind(evaluator);
    let count = 0;
    evaluator.score = async (candidate, at, effort) => {
      if (candidate?.by === 'genes' && at.workload === 'mixed' && ++count > 20) throw new Error('killed');
      return asked(candidate, at, effort);
    };
    await expect(run(evaluator)).rejects.toThrow('killed');
    const second = new Formula(0.9, 1);
    const rest = await run(second);
    expect(rest.search.tried).toEqual(whole.search.tried);
    expect(rest.referee.selection).toEqual(whole.referee.selection);
    const searched = ({ asked: all }: Formula) =>
      all.filter((one) => one.by === 'genes' && one.rigour === 'search' && one.workload === 'mixed').length;
    expect(searched(second)).toBe(searched(first) - 20);
  });
});

describe('on the command line', () => {
  it('synthesize needs no --out, and says where it writes', async () => {
    const literal = ['synthesize', '--proposer', 'genes', '--workload', 'mixed', '--budget', '5m'];
    const run = start(literal, { cwd: dir });
    run.stderr.once('data', () => run.kill('SIGKILL'));
    const { signal, stderr } = await run;
    expect(signal).toBe('SIGKILL');
    expect(stderr.split('\n')[0]).toBe(`writes to ${join(realpathSync(dir), 'out', 'mixed')}`);
    expect(existsSync(join(dir, 'out', 'mixed', 'settings.json'))).toBe(true);
  });

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
