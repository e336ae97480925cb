import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { type Layer, pretendAbsent } from '../../src/host/confine.js';
import { resolveKernel } from '../../src/lab/kernels/resolve.js';
import { compileText, settingFor } from '../../src/verify/compile/clang.js';
import { leanObject } from '../../src/verify/compile/lean.js';
import { clang, resourceDir } from '../../src/verify/compile/toolchain.js';
import { kernelTypes } from '../../src/verify/compile/types.js';
import { compilePolicy } from '../../src/verify/compile.js';

vi.setConfig({ testTimeout: 600_000 });

const FIFO = readFileSync('policies/fifo/policy.bpf.c', 'utf8');
/** What no byte of may come out, in a form that compiles nowhere, and one that compiles everywhere. */
const SECRET = 'hunter2-correct-horse-battery';
const dir = mkdtempSync(join(tmpdir(), 'hostile-'));
const secret = join(dir, 'key');
const number = join(dir, 'number');
const pipe = join(dir, 'pipe');
writeFileSync(secret, `#warning ${SECRET}\n${SECRET} "${SECRET}"\n`);
writeFileSync(number, `int ${SECRET.replaceAll('-', '_')} = 1;\n`);
execFileSync('mkfifo', [pipe]);
const beside = join(dir, 'beside');
mkdirSync(beside);
symlinkSync(secret, join(beside, 'innocent.h'));
writeFileSync(join(beside, 'policy.bpf.h'), `#error ${SECRET}\n`);
writeFileSync(join(beside, 'vmlinux.h'), `#error ${SECRET}\n`);
afterAll(() => rmSync(dir, { recursive: true }));
afterEach(() => pretendAbsent([]));

const up = '../'.repeat(12);
const before = (text: string): string => FIFO.replace('char LICENSE', `${text}\nchar LICENSE`);
const compile = async (source: string, includeDirs: string[] = []) =>
  compilePolicy({ source, kernel: await resolveKernel('6.18'), file: 'mine.bpf.c', includeDirs });

/** Nothing of the secret is in what is said, nor in what is made. */
const silent = (said: unknown, path?: string): void => {
  const made = path === undefined ? '' : readFileSync(path, 'latin1');
  for (const word of [SECRET, SECRET.replaceAll('-', '_'), 'correct'])
    expect(JSON.stringify(said).includes(word) || made.includes(word)).toBe(false);
};

/** Each kind of attack, and the rule of the finding it ends with. */
const ATTACKS: readonly (readonly [string, string, string])[] = [
  ['a relative path', `#include "${up}${secret}"`, 'outside-file'],
  ['a relative path from a macro', `#define F "${up}${secret}"\n#include F`, 'outside-file'],
  ['an absolute path from a macro', `#define F <${secret}>\n#include F`, 'outside-file'],
  [
    'a path put together by macros',
    `#define S(x) #x\n#define P(x) S(x)\n#include P(${number})`,
    'outside-file',
  ],
  ['#include_next', `#include_next "${up}${number}"`, 'outside-file'],
  ['#import by a macro', `#define F "${number}"\n#import F`, 'outside-file'],
  ['a file that is not there', `#define F "${dir}/nothing"\n#include F`, 'outside-file'],
  ['a spliced question for a file', `#if __has_incl\\\nude("${secret}")\nint x;\n#endif`, 'outside-file'],
  [
    'a spliced question for the text itself',
    '#if __has_incl\\ \nude("policy.i")\nint x;\n#endif',
    'outside-file',
  ],
  ['a spliced #embed', `char k[] = {\n#em\\\nbed "${secret}" limit(8)\n};`, 'outside-file'],
  ['#embed behind comments', `char k[] = {\n/* \n */ # /**/ embed "${secret}"\n};`, 'outside-file'],
  ['#embed by digraph', `char k[] = {\n%: embed "${secret}"\n};`, 'outside-file'],
  ['#embed behind a lone carriage return', `int x;\r#embed "${secret}"\r`, 'outside-file'],
  ['#embed with a NUL', `#\0embed "${secret}"\n`, 'error'],
  ['__has_embed', `#if __has_embed("${secret}")\n#endif`, 'outside-file'],
  ['a FIFO', `#define F "${pipe}"\n#include F`, 'outside-file'],
  ['a device', '#define F "/dev/zero"\n#include F', 'outside-file'],
  ['its environment', '#define F "/proc/self/environ"\n#include F', 'outside-file'],
  ['its own input', '#define F "/dev/stdin"\n#include F', 'outside-file'],
  ['a symlink out of the view', `#define F "${beside}/innocent.h"\n#include F`, 'outside-file'],
  ['#pragma GCC dependency', `#pragma GCC dependency "${secret}"`, 'outside-file'],
  ['_Pragma dependency', `_Pragma("GCC dependency \\"${secret}\\"")`, 'outside-file'],
  [
    'lines that claim to be of a file',
    `#line 1 "${secret}"\nint x(void) { return 1; }\n#line 9 "mine.c"`,
    'outside-file',
  ],
  ['a line marker', `# 1 "${secret}" 1`, 'outside-file'],
  ['.incbin', `asm(".incbin \\"${secret}\\"");`, 'assembly'],
  ['.incbin by the spelling of -fms-extensions', `_asm(".incbin \\"${secret}\\"");`, 'assembly'],
  [
    '.incbin by that spelling from a macro',
    `#define G(a, b) a##b\nvoid hole(void) { G(_a, sm)(".incbin \\"${secret}\\""); }`,
    'assembly',
  ],
  ['.include', `asm(".inc" "lude \\"${secret}\\"");`, 'assembly'],
  ['a directive for the second run', `#define H #\nH include "${secret}"`, 'directive'],
  ['a digraph for the second run', `#define H %:\nH embed "${secret}"`, 'directive'],
  ['#pragma include_alias', `#pragma include_alias("a.h", "${secret}")\n#include "a.h"`, 'outside-file'],
  ['a module', `#pragma clang module import ${SECRET.split('-')[0]}x`, 'error'],
  ['an include of itself', '#define F "policy.bpf.c"\n#include F', 'missing-include'],
  ['the base file', '#include __BASE_FILE__', 'missing-include'],
  ['this file by its name', '#include __FILE__', 'missing-include'],
];

describe.each<[string, Layer[]]>([
  ['all layers', []],
  ['namespaces alone', ['landlock']],
  ['Landlock alone', ['namespace']],
])('under %s', (_, absent) => {
  it.each(ATTACKS)('%s tells nothing', async (name, text, rule) => {
    pretendAbsent(absent);
    const { verdict, object } = await compile(before(text));
    silent(verdict, object?.path);
    expect([name, object, verdict.findings[0]?.rule]).toEqual([name, undefined, `compile/${rule}`]);
    if (rule !== 'error') expect(verdict.findings[0]?.hint).toBeDefined();
  });

  it('a question made by a macro is answered with no, whatever is there', async () => {
    pretendAbsent(absent);
    const asked = (path: string) =>
      `#define CAT(a, b) a##b\n#if CAT(__has_,include)("${path}")\n#error is there\n#endif`;
    for (const path of [secret, 'vmlinux.h', '/etc/passwd'])
      expect((await compile(before(asked(path)))).verdict.findings).toEqual([]);
  });

  it('a symlink and headers named like ours in a directory of headers', async () => {
    pretendAbsent(absent);
    const link = await compile(before('#include "innocent.h"'), [beside]);
    silent(link);
    expect(link.verdict.findings[0]?.rule).toMatch(/outside-file|missing-include/);
    // A directory that is named is trusted, but ours come first.
    expect((await compile(FIFO, [beside])).verdict.findings).toEqual([]);
  });

  it('text that passed the gate is compiled where there is no file at all', async () => {
    pretendAbsent(absent);
    const kernel = await resolveKernel('6.18');
    const { dir: types } = await kernelTypes(kernel);
    const tool = { ...(await clang()), resources: await resourceDir() };
    const setting = settingFor(kernel.release, types, tool, { bare: false });
    for (const text of [
      `#include "${number}"\n`,
      `char k[] = {\n#embed "${secret}"\n};\n`,
      `asm(".incbin \\"${secret}\\"");\n`,
      `# 1 "${secret}"\nint f(void) { return 1; }\n`,
      '#include "policy.bpf.h"\n',
    ]) {
      const { output, stderr, ok } = await compileText(setting, text);
      silent([stderr, output.toString('latin1')]);
      expect([text, ok]).toEqual([text, text.startsWith('# 1')]);
    }
  });
});

it('the lean object goes through the same gate', async () => {
  const kernel = await resolveKernel('6.18');
  const onlyLean = (text: string) => before(`#ifdef BPF_NO_PRESERVE_ACCESS_INDEX\n${text}\n#endif`);
  for (const [, text] of ATTACKS) expect(await leanObject(onlyLean(text), kernel)).toBeUndefined();
  expect(await leanObject(onlyLean('int x;'), kernel)).toBeDefined();
});

describe('what has no end is ended, with a finding', () => {
  it.each([
    ['ten megabytes', `${FIFO}/*${'x'.repeat(10_000_000)}*/`, 'compile/limit'],
    ['a nest of includes', before('#include "vmlinux.h"\n#undef __VMLINUX_H__\n'.repeat(400)), undefined],
    ['a macro that doubles', before(`#define A0 int;\n${doubling(40)}A40`), 'compile/limit'],
    ['a macro that fills the output', before(`#define A0 int;\n${doubling(26)}A26`), 'compile/limit'],
    [
      'parentheses without number',
      before(`int x = ${'('.repeat(100_000)}1${')'.repeat(100_000)};`),
      'compile/error',
    ],
  ])('%s', async (_, source, rule) => {
    const { verdict, object } = await compile(source);
    expect(object).toBeUndefined();
    expect(verdict.findings[0]?.severity).toBe('error');
    if (rule) expect(verdict.findings[0]?.rule).toBe(rule);
  });
});

function doubling(times: number): string {
  return Array.from({ length: times }, (_, i) => `#define A${i + 1} A${i} A${i}\n`).join('');
}

it('a FIFO in a directory of headers is refused before anything waits for it', async () => {
  const waiting = join(dir, 'waiting');
  mkdirSync(waiting);
  execFileSync('mkfifo', [join(waiting, 'turn.h')]);
  await expect(compile(FIFO, [waiting])).rejects.toThrow(/turn\.h.*is no file/);
});
