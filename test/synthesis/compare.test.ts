import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { listPolicies } from '../../src/policies/catalogue.js';
import { anatomyOf } from '../../src/synthesis/compare/anatomy.js';
import { behaviourOf, policyDiff, policyDiffSchema } from '../../src/synthesis/compare/diff.js';
import { explain, explanationSchema } from '../../src/synthesis/compare/explain.js';
import { lineageIn } from '../../src/synthesis/compare/lineage.js';
import { changedLines, diffLines } from '../../src/synthesis/compare/lines.js';
import { prng } from '../../src/tuners/prng.js';
import type { Evidence } from '../../src/verify/evidence-schema.js';
import { findSubject } from '../../src/verify/subject.js';
import { tunesmith } from '../cli/cli.js';

const evidence = (policy: string, value: number, more: Partial<Evidence> = {}): Evidence => ({
  ...{ schema: 'tunesmith.evidence/1', policy, version: '1.0.0', objectSha256: 'o', kernel: '6.18.15' },
  ...{ workload: 'mixed', rigour: 'referee', objective: 'wakeup_p99_ns', direction: 'lower' },
  ...{ key: `k${policy}`, ownKey: 'own', value, ownValue: 2e6 },
  metrics: { wakeup_p99_ns: value, switches_per_s: 3000 },
  ownMetrics: { wakeup_p99_ns: 2e6, switches_per_s: 1000 },
  ...more,
});

describe('a difference of lines', () => {
  it('gives back both texts, whatever they are', () => {
    const next = prng(3);
    for (let round = 0; round < 300; round++) {
      const text = () =>
        Array.from({ length: Math.floor(next() * 12) }, () => 'abc'[Math.floor(next() * 3)]).join('\n');
      const [a, b] = [text(), text()];
      const lines = diffLines(a, b);
      const side = (mark: string) =>
        lines
          .filter((one) => one.mark !== mark)
          .map((one) => one.text)
          .join('\n');
      expect([side('+'), side('-')]).toEqual([a, b]);
    }
  });

  it('shows what is near a change and hides the rest', () => {
    const a = Array.from({ length: 20 }, (_, i) => `line ${i}`);
    const b = a.map((text, i) => (i === 10 ? 'other' : text));
    const shown = changedLines(diffLines(a.join('\n'), b.join('\n')));
    expect(shown).toEqual([
      '  …',
      '  line 8',
      '  line 9',
      '- line 10',
      '+ other',
      '  line 11',
      '  line 12',
      '  …',
    ]);
  });
});

describe('a policy taken apart', () => {
  it('gives a callback the comment above it, not one that ends the line before', async () => {
    const { source } = findSubject('fresh');
    expect(source).toMatch(/^#define .*\*\/\n\n/m);
    const { parts } = await anatomyOf(source);
    const commentOf = (op: string) =>
      parts.find(({ name, isCallback }) => isCallback && name === op)?.comment;
    expect(commentOf('select_cpu')).not.toMatch(/vmlinux\.h|include\//);
    expect(commentOf('runnable')).toBe('After a long sleep the period is long, and its rate low.');
  });

  it.each(listPolicies().map(({ manifest, dir }) => [manifest.name, dir]))('%s', async (name, dir) => {
    const subject = findSubject(dir);
    const anatomy = await anatomyOf(subject.source);
    expect(anatomy.name).toBe(name);
    expect(anatomy.parts.some((part) => part.isCallback && part.name === 'select_cpu')).toBe(true);
    expect(anatomy.traits.length).toBeGreaterThan(1);
    const explanation = await explain(subject);
    expect(explanationSchema.parse(explanation)).toEqual(explanation);
    expect(explanation.problems).toEqual([]);
    expect(explanation.tunables.map((one) => one.name).sort()).toEqual(
      (subject.manifest?.tunables ?? []).map((one) => one.name).sort(),
    );
  });

  it('has nothing to say of a difference from itself', async () => {
    const same = findSubject('vtime');
    const diff = await policyDiff([same, same], []);
    expect(diff.tunables).toEqual([]);
    expect(new Set(diff.functions.map(({ change }) => change))).toEqual(new Set(['same']));
  });

  it('differs by function and tunable', async () => {
    const diff = await policyDiff([findSubject('vtime'), findSubject('interactive')], []);
    expect(policyDiffSchema.parse(diff)).toEqual(diff);
    expect(diff.tunables).toContainEqual({ name: 'slice_ns', values: [3_000_000, 2_000_000] });
    expect(diff.functions).toContainEqual({ name: 'dispatch', change: 'same', lines: [] });
    expect(diff.functions).toContainEqual({ name: 'lead_of', change: 'only in the second', lines: [] });
    const enqueue = diff.functions.find(({ name }) => name === 'enqueue');
    expect(enqueue?.lines).toContain('- \tkick_idle_cpu(p);');
  });
});

describe('behaviour', () => {
  it('is compared where both have the same trial', () => {
    const b = [evidence('b', 5e5), evidence('b', 1, { workload: 'wakeup' })];
    const rows = behaviourOf([evidence('a', 1e6), evidence('a', 1, { kernel: '7.3' })], b);
    expect(rows).toHaveLength(1);
    expect(rows[0]?.figures).toContainEqual({ metric: 'wakeup_p99_ns', own: 2e6, values: [1e6, 5e5] });
    expect(rows[0]?.figures).toContainEqual({ metric: 'throughput_per_s', own: null, values: [null, null] });
  });
});

describe('lineage', () => {
  const dir = mkdtempSync(join(tmpdir(), 'tunesmith-compare-'));
  afterAll(() => rmSync(dir, { recursive: true }));

  it('is none of a policy that nobody synthesized, and an error where it is broken', () => {
    expect(lineageIn(dir)).toBeNull();
    writeFileSync(join(dir, 'lineage.json'), '{"schema":"other"}');
    expect(() => lineageIn(dir)).toThrow(/lineage\.json" is no lineage: .*schema/s);
  });
});

describe('on the command line', () => {
  it('explain and diff speak to people and programs', async () => {
    const told = await tunesmith('policy', 'explain', 'fifo');
    expect(told.stdout).toContain('it uses the kernel’s global queue');
    expect(told.code).toBe(0);
    const diff = await tunesmith('policy', 'diff', 'fifo', 'vtime', '--json');
    expect(policyDiffSchema.parse(JSON.parse(diff.stdout)).policies).toEqual(['fifo', 'vtime']);
    const unknown = await tunesmith('policy', 'explain', 'fofi');
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toContain('fifo');
  });
});
