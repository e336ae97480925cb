import { randomFillSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { goodPolicies } from '../../../src/bench/verify/corpus.js';
import { SHAPES } from '../../../src/bench/verify/lint-shapes.js';
import { lintPolicy } from '../../../src/verify/lint.js';

const rulesOf = async (source: string | Uint8Array): Promise<string[]> =>
  (await lintPolicy(source, { file: 'x.bpf.c' })).findings.map(({ rule }) => rule);
const policy = goodPolicies().find(({ file }) => file === 'stock-macros.bpf.c')?.source ?? '';

describe('whatever is given', () => {
  it.each([
    ['nothing', '', 'lint/empty'],
    ['a comment alone', '/* nothing */ // here', 'lint/empty'],
    ['a comment that never ends', '/* nothing', 'lint/empty'],
    ['NUL bytes', 'int x;\0', 'lint/not-text'],
    ['an object file', Buffer.from('\x7fELF\x02\x01\x01\0\0\0\0', 'latin1'), 'lint/not-text'],
    ['a megabyte', 'int x;\n'.repeat(150_000), 'lint/too-large'],
    ['brackets without end', '('.repeat(100_000), 'lint/too-deep'],
    ['nested blocks', `void f(void) ${'{'.repeat(300)}${'}'.repeat(300)}`, 'lint/too-deep'],
    ['a brace too few', 'void f(void) {\n\tif (x) {\n}\n', 'lint/unbalanced'],
    ['a brace too many', 'void f(void) {\n}\n}\n', 'lint/unbalanced'],
    ['a string that never ends', 'char *s = "abc;\nint x;', 'lint/no-ops'],
    ['no C at all', 'once upon a time there was a scheduler', 'lint/no-ops'],
  ] as const)('%s is answered', async (_, source, rule) => {
    expect(await rulesOf(source)).toContain(rule);
  });

  it('an expression of ten thousand operators does not end the program', async () => {
    expect((await rulesOf(`int x = ${'-'.repeat(10_000)}1;`)).length).toBeGreaterThan(0);
    expect((await rulesOf(`int x = ${'1 + '.repeat(10_000)}1;`)).length).toBeGreaterThan(0);
  });

  it('many macros that are never closed do not take for ever', async () => {
    for (const part of ['SCX_OPS_DEFINE(x, ', 'SEC(', '__uint(', 'bpf_for(', '#define X \\\n', '/*', '"'])
      expect((await rulesOf(part.repeat(3000))).length).toBeGreaterThan(0);
  });

  it('random bytes and cut-off policies are answered', async () => {
    for (let i = 0; i < 20; i++)
      expect((await rulesOf(randomFillSync(new Uint8Array(500)))).length).toBeGreaterThan(0);
    for (let end = 1; end < policy.length; end += 97) await lintPolicy(policy.slice(0, end), { file: 'x' });
  });

  it('a name as long as a source is refused', async () => {
    expect(await rulesOf(`struct sched_ext_ops o = { .enqueue = ${'a'.repeat(200_000)} + 1 };`)).toEqual([
      'lint/too-large',
    ]);
  });

  it('bytes that are no UTF-8 are read as Latin-1, and that is told', async () => {
    const bytes = Buffer.concat([Buffer.from('/* caf\xe9 */\n', 'latin1'), Buffer.from(policy)]);
    const { findings } = await lintPolicy(bytes, { file: 'x' });
    expect(findings).toMatchObject([
      { rule: 'lint/not-text', severity: 'warning', place: { line: 1, column: 7 } },
      { rule: 'lint/no-exit-op' },
    ]);
  });
});

describe('a source made to take long', () => {
  const hard = SHAPES[0]?.of(240_000) ?? '';

  // Limits are of CPU time, so that none of these depends on what else the machine does.
  it.each(SHAPES)('is answered: $name', async ({ of }) => {
    expect(await rulesOf(of(60_000))).not.toContain('lint/limit');
  });

  it('is told so, while others are answered', async () => {
    const asked = lintPolicy(hard, { file: 'hard.c' }, 50);
    const other = await lintPolicy(policy, { file: 'other.c' });
    expect(other.findings.map(({ rule }) => rule)).toContain('lint/no-exit-op');
    expect((await asked).findings).toMatchObject([
      {
        rule: 'lint/limit',
        severity: 'error',
        message: expect.stringMatching(/hard\.c.*0\.05 s of CPU time/),
      },
    ]);
  });

  it('leaves this thread free', async () => {
    let ticks = 0;
    const timer = setInterval(() => ticks++, 1);
    await lintPolicy(hard, { file: 'hard.c' });
    clearInterval(timer);
    expect(ticks).toBeGreaterThan(10);
  });
});

describe('places', () => {
  const source = [
    '/* SEC("x") */ #define Q 1',
    'void BPF_STRUCT_OPS(x_enqueue, struct task_struct *p, u64 enq_flags)',
    '{',
    '\tint i;',
    '\tbpf_for(i, 0, 2) { scx_bpf_kick_cpu(i, SCX_KICK_WAIT); }',
    '}',
    'SCX_OPS_DEFINE(x_ops, .enqueue = (void *)x_enqueue, .name = "a b");',
  ];
  const placesOf = async (text: string) =>
    Object.fromEntries(
      (await lintPolicy(text, { file: 'mine.c' })).findings.map(({ rule, place }) => [rule, place]),
    );

  it('are those of the source as it was given, behind rewritten macros too', async () => {
    const places = await placesOf(source.join('\n'));
    expect(places['lint/kick-wait']).toEqual({ file: 'mine.c', line: 5, column: 21 });
    const column = (source[6] as string).indexOf('"a b"');
    expect(places['lint/ops-name']).toEqual({ file: 'mine.c', line: 7, column: column + 1 });
  });

  it('are the same with CRLF', async () => {
    expect(await placesOf(source.join('\r\n'))).toEqual(await placesOf(source.join('\n')));
  });
});
