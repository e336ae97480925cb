import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { resolveKernel } from '../../src/lab/kernels/resolve.js';
import { compilePolicy } from '../../src/verify/compile.js';
import { Pipeline } from '../../src/verify/pipeline.js';

const LAB = { timeout: 1_200_000 };
const VALUES = readFileSync('test/policies/names/values.bpf.c', 'utf8');
const HEADERS = ['policy_names', 'policy_constants'].map((name) => readFileSync(`bpf/${name}.bpf.h`, 'utf8'));
const FIFO = readFileSync('policies/fifo/policy.bpf.c', 'utf8');
const before = (text: string) => FIFO.replace('char LICENSE', `${text}\nchar LICENSE`);

let pipeline: Pipeline | undefined;
afterAll(() => pipeline?.close());

describe('names that vmlinux.h has not', LAB, () => {
  it('are all tried by a policy that fails when one has another value than it should', () => {
    const names = HEADERS.flatMap((text) => [
      ...[...text.matchAll(/^[ \t]*#define (\w+)/gm)].map(([, name]) => name as string),
      ...[...text.matchAll(/^static __always_inline [^(]*?(\w+)\(/gm)].map(([, name]) => name as string),
    ]);
    expect(names.length).toBeGreaterThan(150);
    const untried = names.filter((name) => !new RegExp(`\\b${name}\\b`).test(VALUES));
    // Those that only say what else the compiler should do, and flags of tasks of which any will do.
    expect(
      untried.filter((name) => !/^(?:PF_\w+|__packed|__aligned|__must_check|policy_inside)$/.test(name)),
    ).toEqual([]);
  });

  it.each(['6.18', '7.3'])('have their values on Linux %s', async (kernel) => {
    pipeline = await Pipeline.open(kernel);
    const verdict = await pipeline.check({
      name: 'values',
      file: 'values.c',
      source: VALUES,
      until: 'attach',
    });
    await pipeline.close();
    expect(verdict.findings).toEqual([]);
    expect(verdict.accepted).toBe(true);
  });

  it('hold every error number, with the numbers of this machine’s own header', () => {
    const errors = (text: string) =>
      new Map([...text.matchAll(/^#define[ \t]+(E[A-Z0-9]+)[ \t]+(\w+)/gm)].map(([, n, v]) => [n, v]));
    const ours = errors(readFileSync('bpf/policy_errno.bpf.h', 'utf8'));
    const theirs = ['errno-base', 'errno'].flatMap((name) => [
      ...errors(readFileSync(`/usr/include/asm-generic/${name}.h`, 'utf8')),
    ]);
    expect(theirs.length).toBeGreaterThan(120);
    for (const [name, value] of theirs) expect([name, ours.get(name)]).toEqual([name, value]);
  });
});

describe('a name that a policy gives a meaning itself', LAB, () => {
  it.each([
    ['a function', 'static u64 min(u64 a, u64 b)\n{\n\treturn a < b ? a : b;\n}'],
    [
      'a function of policy.bpf.h',
      'static bool vtime_before(u64 a, u64 b)\n{\n\treturn (s64)(a - b) < 0;\n}',
    ],
    ['a macro', '#define clamp(a, b) ((a) & (b))\n#define NSEC_PER_SEC 1000000000ULL\n#define max(a, b) (a)'],
    ['an enumerator', 'enum { MAX_PRIO = 3, MIN_NICE };\n_Static_assert(MAX_PRIO == 3, "own");'],
    ['many at once', 'static inline bool time_after(u64 a, u64 b) { return a > b; }\n#define likely(x) (x)'],
  ])('keeps it: %s', async (_, text) => {
    const { verdict, object } = await compilePolicy({
      source: before(text),
      kernel: await resolveKernel('6.18'),
    });
    expect(verdict.findings).toEqual([]);
    expect(object).toBeDefined();
  });
});
