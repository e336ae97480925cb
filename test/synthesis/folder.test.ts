import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { soundProposal } from '../../src/bench/synthesis/script.js';
import { resolveKernel } from '../../src/lab/kernels/resolve.js';
import { findPolicy, readPolicy } from '../../src/policies/catalogue.js';
import { tunableProblems } from '../../src/policies/tunables.js';
import { bestCandidates } from '../../src/synthesis/assemble.js';
import { candidateOf } from '../../src/synthesis/candidate.js';
import { FitCheck } from '../../src/synthesis/fit.js';
import { ancestorsOf, lineageSchema } from '../../src/synthesis/folder/lineage.js';
import { renamed } from '../../src/synthesis/folder/source.js';
import { behaviour } from '../../src/synthesis/folder/words.js';
import { nameOf, writePolicy } from '../../src/synthesis/folder/write.js';
import { genesCandidate, genesSource } from '../../src/synthesis/genes/candidate.js';
import { DEFAULTS } from '../../src/synthesis/genes/table.js';
import { assemble } from '../../src/synthesis/model/template.js';
import { claimOut, JOURNAL } from '../../src/synthesis/settings.js';
import { compilePolicy } from '../../src/verify/compile.js';
import { lintPolicy } from '../../src/verify/lint.js';
import { outcomeOf, resultOf } from './outcome.js';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'tunesmith-folder-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

/** What `policy check` asks of a folder before it goes to the lab. */
async function checked(dir: string) {
  const { manifest, source } = readPolicy(dir);
  const text = readFileSync(source, 'utf8');
  expect(tunableProblems(manifest, text)).toEqual([]);
  expect(text).toMatch(
    /^\/\/ SPDX-License-Identifier: \(MIT OR GPL-2\.0-only\)\n\/\*\n \* Synthesized for mixed/,
  );
  expect(text).toContain(`.name = "${basename(dir)}"`);
  const lint = await lintPolicy(text, { file: source });
  expect(lint.findings.filter(({ severity }) => severity === 'error')).toEqual([]);
  const { verdict, object } = await compilePolicy({ source: text, kernel: await resolveKernel('scx') });
  expect({ ...verdict, tookMs: 0 }).toEqual({ stage: 'compile', findings: [], tookMs: 0 });
  expect(object).toBeDefined();
  const lineage = lineageSchema.parse(JSON.parse(readFileSync(join(dir, 'lineage.json'), 'utf8')));
  return { manifest, text, lineage, words: readFileSync(join(dir, 'README.md'), 'utf8') };
}

describe('the folder of a synthesis', () => {
  it('holds what was found as defaults, with lineage and words', async () => {
    const result = resultOf();
    const best = bestCandidates(outcomeOf().outcome)[0];
    expect(result.selection.decision).toBe('synthesized');
    if (!best) throw new Error('no candidate');
    const origin = { base: findPolicy('genes').manifest, isWeighted: true };
    const dir = writePolicy(home, nameOf('mixed', best), result, best, origin);
    expect(findPolicy(home).dir).toBe(dir);
    const { manifest, lineage, words } = await checked(dir);
    expect(manifest.tunables.find(({ name }) => name === 'slice_ns')?.default).toBe(best.tunables.slice_ns);
    expect(manifest.summary).toContain('3.3 times lower than EEVDF');
    expect(lineage).toMatchObject({ recommended: true, candidate: best.id, command: result.command });
    expect(lineage.ancestors[0]?.id).toBe(best.id);
    expect(lineage.ancestors.some(({ parents }) => parents.length === 0)).toBe(true);
    expect(words).toContain('## Why it wins');
    expect(words).toContain('Recommended for mixed on 2 CPUs');
    expect(words).not.toMatch(/undefined|NaN/);
  });

  it('claims weights where queues go by weighted time, and not where chance gave them to a probe', () => {
    const base = findPolicy('genes').manifest;
    const claims = [0, 1].map((time_base) => {
      const one = genesCandidate(genesSource(), { ...DEFAULTS, time_base });
      const dir = writePolicy(home, `mine${time_base}`, resultOf(), one, { base, isWeighted: true });
      return readPolicy(dir).manifest.properties.includes('weighted');
    });
    expect(claims).toEqual([false, true]);
  });

  it('of genes cannot be set to what would need a callback that is left out', async () => {
    const base = findPolicy('genes').manifest;
    const fifo = genesCandidate(genesSource(), { ...DEFAULTS, time_base: 0, slice_by: 1 });
    const dir = writePolicy(home, 'fifo_like', resultOf(), fifo, { base, isWeighted: false });
    const { manifest, text } = await checked(dir);
    const range = (name: string) => {
      const tunable = manifest.tunables.find((one) => one.name === name);
      return tunable && [tunable.min, tunable.max, tunable.default];
    };
    expect(range('time_base')).toBeUndefined();
    expect(text).toContain('\nstatic const u32 time_base = 0;\n');
    expect(range('lead_by')).toEqual([0, 1, 0]);
    expect(range('slice_by')).toEqual([0, 2, 1]);
    expect(range('wakes')).toEqual([0, 1, 1]);
    expect(manifest.tunables).toHaveLength(base.tunables.length - 1);
  });

  it('of a policy that is not to be used says so everywhere', async () => {
    const result = resultOf({ loss: 0.05 });
    expect(result.selection.decision).toBe('repository');
    const best = bestCandidates(outcomeOf({ loss: 0.05 }).outcome)[0];
    if (!best) throw new Error('no candidate');
    const origin = { base: findPolicy('genes').manifest, isWeighted: true };
    const { manifest, lineage, words } = await checked(
      writePolicy(home, nameOf('mixed', best), result, best, origin),
    );
    expect(manifest.summary).toMatch(/^Not recommended: /);
    expect(manifest.doesNotSuit.map(({ workload }) => workload)).toEqual(['wakeup', 'forkstorm']);
    expect(lineage.recommended).toBe(false);
    expect(words).toContain('**Not recommended.**');
    expect(words).toContain('5.0 % worse than EEVDF');
  });

  it('of what a model wrote has its tunables and its words', async () => {
    const proposal = soundProposal(2_000_000);
    const { source } = assemble(proposal);
    const made = candidateOf({ source, tunables: {}, by: 'model', parents: [], words: proposal.summary });
    const { manifest, text } = await checked(
      writePolicy(home, 'made_by_model', resultOf(), made, { proposal, isWeighted: true }),
    );
    expect(manifest).toMatchObject({ algorithm: proposal.algorithm, author: 'Tunesmith synthesis (model)' });
    expect(manifest.tunables).toMatchObject([{ name: 'slice_ns', default: 2_000_000, scale: 'log' }]);
    expect(text).not.toMatch(/\bpolicy_(?:enqueue|ops|exit)\b/);
  });
});

it('what fits is the first that passes, and one that ignores weights does not claim them', async () => {
  const { outcome } = outcomeOf({ loss: 0.05 });
  const [first, second, ...rest] = bestCandidates(outcome);
  const finding = (rule: string, severity: string) => ({ stage: 'trial', rule, severity, message: 'm' });
  let checks = 0;
  const fits = (of: (id: string) => readonly [rule: string, severity: string] | undefined) => {
    const check = async ({ tunables }: { tunables?: object }) => {
      checks++;
      const found = of(JSON.stringify(tunables));
      return { accepted: found?.[1] !== 'error', findings: found ? [finding(...found)] : [] } as never;
    };
    return new FitCheck({ check });
  };
  const all = [first, second, ...rest] as never;
  const isFirst = (id: string) => id === JSON.stringify(first?.tunables);
  expect(await fits(() => undefined).first(all)).toEqual({ candidate: first, isWeighted: true });
  expect(await fits(() => ['trial/fairness', 'warning']).first(all)).toEqual({
    ...{ candidate: first, isWeighted: false },
  });
  expect(await fits((id) => (isFirst(id) ? ['trial/stall', 'error'] : undefined)).first(all)).toEqual({
    ...{ candidate: second, isWeighted: true },
  });
  const none = fits(() => ['trial/stall', 'error']);
  expect(await none.first(all)).toBeNull();
  const before = checks;
  expect(await none.of(first as never)).toMatchObject({ errors: ['m [trial/stall]'] });
  expect(checks).toBe(before);
});

it('how a policy behaves is told by what is large in itself and beside the kernel’s own', () => {
  const own = { migrations_per_s: 0.33, idle_share: 0.000003, switches_per_s: 3000, throughput_per_s: 0 };
  expect(
    behaviour('mixed', own, { ...own, migrations_per_s: 0, idle_share: 0.0002, switches_per_s: 2850 }),
  ).toEqual([]);
  expect(
    behaviour('mixed', own, { migrations_per_s: 40, switches_per_s: 2000, throughput_per_s: 0 }),
  ).toEqual([
    'it moves tasks between CPUs more often: migrations_per_s 0.33/s → 40/s',
    'it switches tasks less often: switches_per_s 3,000/s → 2,000/s',
  ]);
});

it('a renamed policy keeps the names that are not its own', () => {
  const source = 'vtime_before(a, b); vtime_enqueue(p); vtime_ops; .name = "vtime"';
  expect(renamed(source, 'mine')).toBe('vtime_before(a, b); mine_enqueue(p); mine_ops; .name = "mine"');
});

it('ancestors come once each, nearest first, and a circle ends', () => {
  const { outcome } = outcomeOf();
  const tried = resultOf().tried;
  const all = ancestorsOf(tried, outcome.search.finalists[0]?.candidate.id ?? '');
  expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
  const [one] = tried as [(typeof tried)[number]];
  expect(ancestorsOf([{ ...one, parents: [one.id] }], one.id)).toHaveLength(1);
});

describe('an --out directory', () => {
  const settings = { workload: 'mixed', seed: 1 };

  it('is one search’s, and goes on only as it was begun', () => {
    expect(() => claimOut(home, settings, true)).toThrow('--resume');
    claimOut(home, { ...settings, seed: 7 }, false);
    // Nothing was kept yet, so the directory is still free.
    claimOut(home, settings, false);
    writeFileSync(join(home, JOURNAL), '{}');
    expect(() => claimOut(home, settings, false)).toThrow('holds a search');
    expect(() => claimOut(home, { ...settings, seed: 2 }, true)).toThrow('is another seed');
    claimOut(home, settings, true);
  });
});
