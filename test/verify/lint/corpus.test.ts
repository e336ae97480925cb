import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { badPolicies, goodPolicies } from '../../../src/bench/verify/corpus.js';
import { RULES } from '../../../src/verify/lint/rules/index.js';
import { lintPolicy } from '../../../src/verify/lint.js';
import { type Finding, STAGES } from '../../../src/verify/verdict.js';

const errorsOf = async (source: string, file: string): Promise<Finding[]> =>
  (await lintPolicy(source, { file })).findings.filter(({ severity }) => severity === 'error');
const bad = badPolicies();

describe('bad policies', () => {
  it('are many, at every stage, and cover the 35 of the anchor list', () => {
    expect(bad.length).toBeGreaterThanOrEqual(64);
    expect(new Set(bad.map(({ stage }) => stage)).size).toBe(STAGES.length);
    const anchors = bad.flatMap(({ source }) => /Anchor (\d+)/.exec(source)?.[1] ?? []);
    expect(new Set(anchors)).toEqual(new Set(Array.from({ length: 35 }, (_, i) => String(i + 1))));
  });

  it.each(bad.filter(({ stage }) => stage === 'lint'))('$file is caught by $rule', async (policy) => {
    const found = (await errorsOf(policy.source, policy.file)).filter(({ rule }) => rule === policy.rule);
    expect(found.map(({ message, hint }) => `${message}; ${hint}`).join('\n')).toContain(policy.says);
    expect(found.length).toBeGreaterThan(0);
  });

  it.each(bad.filter(({ stage }) => stage !== 'lint'))('$file is left to $stage', async (policy) => {
    expect(await errorsOf(policy.source, policy.file)).toEqual([]);
  });

  it('name rules that there are', () => {
    const ids = new Set<string>([...RULES.map(({ id }) => id), 'lint/unbalanced']);
    const named = bad.filter(({ stage }) => stage === 'lint').map(({ rule }) => rule);
    expect(named.filter((rule) => !ids.has(rule))).toEqual([]);
  });
});

describe('good policies', () => {
  it('are many', () => expect(goodPolicies().length).toBeGreaterThanOrEqual(15));

  it.each(goodPolicies())('$file has no error', async ({ file, source }) => {
    expect(await errorsOf(source, file)).toEqual([]);
  });

  const shipped = readdirSync('policies', { withFileTypes: true }).filter((entry) => entry.isDirectory());
  it.each(shipped.map(({ name }) => name))('that are shipped have no finding: %s', async (name) => {
    const file = `policies/${name}/policy.bpf.c`;
    expect((await lintPolicy(readFileSync(file), { file })).findings).toEqual([]);
  });
});
