/** Every command, given hostile names wherever it takes one: nothing raw reaches a terminal. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Change } from '../../src/change/types.js';
import { changeText } from '../../src/cli/describe-change.js';
import { Approvals } from '../../src/govern/approvals.js';
import { Ledger } from '../../src/ledger/ledger.js';
import { start } from './cli.js';

vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

/** A title set, a screen cleared, a line overwritten, text turned round, hidden and broken. */
const EVIL = 'x\x1b]0;title\x07\x1b[2J\x9b31m\r\u202egnp\u2066\u200f\u061c\u200b\u2028\u{e0041}\x7fy';
/** What may not be in any output. Newline and tab are ours. */
const RAW = /(?![\n\t])[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/u;

const dir = mkdtempSync(join(tmpdir(), 'tunesmith-hostile-'));
const env = { XDG_STATE_HOME: join(dir, 'state'), XDG_CACHE_HOME: join(dir, 'cache') };
const evilFile = join(dir, `${EVIL}.c`);
const lineFile = join(dir, 'line.c');
const folder = join(dir, `${EVIL}folder`);

async function run(
  args: readonly string[],
): Promise<{ stdout: string; stderr: string; code: number | undefined }> {
  const { stdout, stderr, exitCode } = await start(args, { cwd: dir, env, timeout: 1_200_000 });
  return { stdout, stderr, code: exitCode };
}

async function clean(args: readonly string[]): Promise<string> {
  const { stdout, stderr } = await run(args);
  const text = `${stdout}\n${stderr}`;
  expect(text.match(RAW)?.[0], `${JSON.stringify(args)}: ${JSON.stringify(text.slice(0, 2000))}`).toBe(
    undefined,
  );
  expect(text.trim()).not.toBe('');
  return text;
}

/** `tunesmith a b` for every command there is, as the help pages list them. */
async function leaves(path: readonly string[] = []): Promise<string[][]> {
  const { stdout } = await run([...path, '--help']);
  const listed = /^Commands:\n((?: {2}.*\n?)*)/m.exec(stdout)?.[1] ?? '';
  const names = [...listed.matchAll(/^ {2}([a-z][\w-]*)/gm)].flatMap(([, name]) =>
    name === undefined || name === 'help' ? [] : [name],
  );
  const below = await Promise.all(names.map((name) => leaves([...path, name])));
  return names.length === 0 ? [[...path]] : [...(path.length > 0 ? [[...path]] : []), ...below.flat()];
}

beforeAll(() => {
  vi.stubEnv('XDG_STATE_HOME', env.XDG_STATE_HOME);
  const source = `#line 1 ${JSON.stringify('x').slice(0, -1)}${EVIL.replace(/[\r\u2028]/gu, '')}"\nint x = ((;\n`;
  writeFileSync(evilFile, source);
  writeFileSync(lineFile, source);
  mkdirSync(folder);
  writeFileSync(join(folder, 'policy.json'), JSON.stringify({ name: EVIL, [EVIL]: EVIL }));
  writeFileSync(join(folder, 'policy.bpf.c'), source);
  writeFileSync(
    join(dir, 'rules.yaml'),
    `version: 1\nrules: [{ name: ${JSON.stringify(EVIL)}, tools: ["**"], decide: nope }]\n`,
  );
  using ledger = new Ledger();
  ledger.append({
    kind: 'call',
    caller: EVIL,
    tool: EVIL,
    reasons: [`${EVIL}\n9 2026-01-01 forged`],
    arguments: { [EVIL]: EVIL },
  });
  const approvals = new Approvals();
  approvals.ask({ caller: EVIL, tool: EVIL, digest: 'd', summary: EVIL, rule: EVIL }, 600_000);
  approvals.close();
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(dir, { recursive: true, force: true });
});

it('no command lets a hostile argument, option, value or path through', async () => {
  const commands = await leaves();
  expect(commands.length).toBeGreaterThan(25);
  for (const command of commands)
    for (const args of [[`--${EVIL}`], [EVIL, `--${EVIL}`], [`--json=${EVIL}`]])
      await clean([...command, ...args]);
});

describe('what others chose', () => {
  it.each([
    ['a policy file by name', ['policy', 'check', '--until', 'lint', evilFile]],
    ['a file name set by #line', ['policy', 'check', '--until', 'compile', lineFile]],
    ['the same in JSON', ['policy', 'check', '--until', 'compile', '--json', lineFile]],
    ['a manifest', ['policy', 'check', '--until', 'lint', folder]],
    ['a manifest shown', ['policy', 'show', folder]],
    ['a policy by name', ['policy', 'show', EVIL]],
    ['a rules file', ['rules', 'check', join(dir, 'rules.yaml')]],
    ['a workload', ['lab', 'trial', '--workload', EVIL]],
    ['a kernel', ['lab', 'trial', '--workload', 'idle', '--kernel', EVIL]],
    ['a knob', ['lab', 'trial', '--workload', 'idle', '--set', `${EVIL}=1`]],
    ['a scope', ['change', 'stage', '--set', 'base_slice_ns=1ms', '--scope', `cgroup:/${EVIL}`]],
    ['a guardrail', ['change', 'stage', '--set', 'base_slice_ns=1ms', '--guard', EVIL]],
    ['a tuner', ['tune', '--workload', 'wakeup', '--tuner', EVIL]],
    ['a change', ['change', 'revert', EVIL]],
    ['a run of the ledger', ['ledger', 'show', '--run', EVIL]],
    ['an approval', ['approve', EVIL, '--why', EVIL]],
    ['a schema', ['schema', EVIL]],
  ])('%s', async (_, args) => {
    await clean(args);
  });

  it('is in the ledger as it was, and shown on one line', async () => {
    const text = await clean(['ledger', 'show']);
    expect(text).toContain('\\u001b]0;title');
    expect(text).not.toMatch(/^9 2026/m);
    const { records } = JSON.parse(await clean(['ledger', 'show', '--json'])) as {
      records: { caller: string }[];
    };
    expect(records[0]?.caller).toBe(EVIL);
    expect(
      readFileSync(join(env.XDG_STATE_HOME, 'tunesmith/ledger/ledger-000001.jsonl'), 'utf8'),
    ).not.toMatch(RAW);
    await clean(['ledger', 'export', '--otel']);
    await clean(['ledger', 'verify']);
  });

  it('is in what waits for an approval', async () => {
    expect(await clean(['approve', '--list'])).toContain('title');
    expect(await clean(['approve', '--list', '--json'])).toContain('title');
  });
});

it('a change is told on lines of ours alone', () => {
  const change = {
    id: 'c1',
    state: 'staged',
    remainingMs: 1000,
    policy: EVIL,
    before: {},
    after: {},
    items: [],
  };
  const text = changeText({
    ...change,
    scope: EVIL,
    caller: EVIL,
    reason: `a\nc2 is committed`,
    notes: [`${EVIL}\nx`],
  } as unknown as Change);
  expect(text.split('\n')).toHaveLength(3);
  expect(text).not.toMatch(RAW);
});

it('three places only write past the guard, and escape what they write themselves', () => {
  const writers = readdirSync('src', { recursive: true, encoding: 'utf8' })
    .filter(
      (path) => path.endsWith('.ts') && readFileSync(join('src', path), 'utf8').includes('unguardedWrite('),
    )
    .map((path) => `src/${path}`);
  expect(writers.sort()).toEqual([
    'src/cli/commands/doctor.ts',
    'src/cli/commands/lab-shell.ts',
    'src/observe/live.ts',
  ]);
});
