import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { findPolicy, listPolicies, POLICIES, policyNames } from '../../src/policies/catalogue.js';
import { searchPolicies } from '../../src/policies/search.js';
import { declaredTunables, tunableProblems } from '../../src/policies/tunables.js';

const home = mkdtempSync(join(tmpdir(), 'policies-test-'));
afterAll(() => rmSync(home, { recursive: true }));

const found = (search: Parameters<typeof searchPolicies>[1]) =>
  searchPolicies(listPolicies(), search).map(({ manifest }) => manifest.name);

describe('a search', () => {
  it('for nothing finds all', () => {
    expect(found({})).toEqual(policyNames());
  });

  it('goes by beginnings of words, all of which must fit', () => {
    expect(found({ words: ['cgroup'] })).toEqual(['cgroup']);
    expect(found({ words: ['DEADLINE', 'burst'] })).toEqual(['edf']);
    expect(found({ words: ['eadline'] })).toEqual([]);
  });

  it('goes by workload and property', () => {
    expect(found({ workload: 'mixed' })).toEqual(expect.arrayContaining(['edf', 'interactive']));
    expect(found({ workload: 'mixed' })).not.toContain('fifo');
    expect(found({ property: 'cgroup' })).toEqual(['cgroup']);
    expect(found({ property: 'fair', workload: 'pgbench' })).toEqual(['llc', 'server']);
  });

  it('names what was meant', () => {
    expect(() => found({ workload: 'hackbnech' })).toThrow(/"hackbnech" is not known/);
    expect(() => found({ property: 'fiar' })).toThrow(
      expect.objectContaining({ hint: 'did you mean fair?' }),
    );
  });
});

describe('a policy', () => {
  it('is found by its name or its directory', () => {
    expect(findPolicy('fifo').manifest).toEqual(findPolicy(join(POLICIES, 'fifo')).manifest);
    expect(() => findPolicy('fifi')).toThrow(
      expect.objectContaining({ code: 'usage', hint: expect.stringContaining('fifo') }),
    );
  });

  it('with a faulty manifest is refused with the field', () => {
    cpSync(join(POLICIES, 'fifo'), join(home, 'fifo'), { recursive: true });
    const path = join(home, 'fifo', 'policy.json');
    const manifest = JSON.parse(readFileSync(path, 'utf8'));
    const refused = (change: object) => {
      writeFileSync(path, JSON.stringify({ ...manifest, ...change }));
      return () => listPolicies(home);
    };
    expect(refused({})()).toHaveLength(1);
    expect(refused({ version: '1' })).toThrow(/version/);
    expect(refused({ colour: 'red' })).toThrow(/colour/);
    expect(refused({ name: 'lifo' })).toThrow(/"lifo" is in a directory called fifo/);
    expect(refused({ suits: [{ what: 'x', workload: 'nothing' }] })).toThrow(/workload/);
    expect(refused({ tunables: [{ ...manifest.tunables[0], default: 1 }] })).toThrow(/default must lie/);
    expect(refused({ tunables: [{ ...manifest.tunables[0], min: 0 }] })).toThrow(/no logarithm/);
  });
});

describe('tunables', () => {
  const source = [
    '/* const volatile u64 not_this = 1; */',
    'const volatile u64 slice_ns = 3000000;',
    'const volatile bool eager;',
    'const volatile u32 table[4] = {};',
    '\tconst volatile s32 cpu = -1;',
    'const volatile u64 odd = 3 * MS;',
    'static const volatile u32 hidden = 5U;',
  ].join('\n');

  it('are read from the source', () => {
    expect(declaredTunables(source)).toEqual([
      { name: 'slice_ns', type: 'u64', value: 3_000_000, line: 2 },
      { name: 'eager', type: 'bool', value: 0, line: 3 },
      { name: 'cpu', type: 's32', value: -1, line: 5 },
      { name: 'odd', type: 'u64', value: undefined, line: 6 },
      { name: 'hidden', type: 'u32', value: 5, line: 7 },
    ]);
  });

  it('are read in time that goes by the length of the source', () => {
    // Each would take minutes if every declaration were looked up, or looked for its end, from the beginning again.
    const many = 150_000;
    const declared = declaredTunables(
      '\tconst volatile u64 a = 1;\n/* what it is for, and what it costs */\n'.repeat(many),
    );
    expect(declared).toHaveLength(many);
    expect(declared.at(-1)).toEqual({ name: 'a', type: 'u64', value: 1, line: 2 * many - 1 });
    expect(declaredTunables('const volatile u64 a = \n'.repeat(many))).toEqual([]);
    expect(declaredTunables(`const volatile ${'long '.repeat(many)}`)).toEqual([]);
  });

  it('must agree with the manifest', () => {
    const { manifest } = findPolicy('fifo');
    const text = readFileSync(findPolicy('fifo').source, 'utf8');
    const of = (change: string, to: string) => tunableProblems(manifest, text.replace(change, to));
    expect(of('= 4000000', '= 4000001')).toEqual([expect.stringContaining('4000001 in the source')]);
    expect(of('u64 slice_ns', 'u16 slice_ns')).toEqual([expect.stringContaining('a u16 cannot hold')]);
    expect(of('u64 slice_ns', 'u64 slice')).toHaveLength(2);
    expect(of('volatile u64', 'volatile float')).toEqual([expect.stringContaining('the type float')]);
  });
});
