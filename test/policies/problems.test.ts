import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readPolicy } from '../../src/policies/catalogue.js';
import { manifestProblems } from '../../src/policies/problems.js';

const { manifest, source } = readPolicy('policies/vtime');
const text = readFileSync(source, 'utf8');
const messages = (of: typeof manifest, from: string): string[] =>
  manifestProblems(of, from).map(({ message }) => message);

describe('a manifest', () => {
  it('that says what the source has has no problem', () => expect(messages(manifest, text)).toEqual([]));

  it.each([
    [{ ...manifest, name: 'other' }, text, 'the ops table’s name is not "other"'],
    [{ ...manifest, kernelNeeds: ['scx_bpf_nothing'] }, text, 'kernelNeeds names scx_bpf_nothing'],
    [{ ...manifest, tunables: [] }, text, 'is not told in policy.json'],
    [{ ...manifest, summary: 'TODO: say it' }, text, 'policy.json still says TODO'],
    [manifest, `${text}\n/* TODO */`, 'the source still says TODO'],
  ])('is told what is wrong: case %#', (of, from, words) => {
    expect(messages(of, from).join('\n')).toContain(words);
  });

  it('that is unfinished is no reason to stop a check', () => {
    const unfinished = manifestProblems({ ...manifest, summary: 'TODO' }, text);
    expect(unfinished.every(({ isUnfinished }) => isUnfinished)).toBe(true);
  });
});
