import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { resolveKernel } from '../../src/lab/kernels/resolve.js';
import { cacheDir } from '../../src/state.js';
import { compilePolicy } from '../../src/verify/compile.js';
import { descendants } from '../lab/children.js';

vi.setConfig({ testTimeout: 600_000 });

const FIFO = readFileSync('policies/fifo/policy.bpf.c', 'utf8');
const CLANG = /^clang/;
const dir = mkdtempSync(join(tmpdir(), 'busy-'));
// clang is looked for once in a process's life, by running it.
beforeAll(async () => {
  await compilePolicy({ source: `${FIFO}\n/* ${process.pid} */\n`, kernel: await resolveKernel('6.18') });
}, 600_000);
afterAll(() => rmSync(dir, { recursive: true }));

const pause = () => new Promise((resolve) => setTimeout(resolve, 2));

/** Ends the first `times` clangs of this process by a signal, as the kernel's clock or its lack of memory does. */
async function compileWhile(signal: NodeJS.Signals, times: number) {
  const ended = new Set<number>();
  let isOver = false;
  const source = `${FIFO}\n/* ${process.pid} ${Date.now()} ${signal} ${times} */\n`;
  const compiling = resolveKernel('6.18')
    .then((kernel) => compilePolicy({ source, kernel }))
    .finally(() => {
      isOver = true;
    });
  compiling.catch(() => {}); // whoever awaits it hears of it
  while (!isOver) {
    const next = descendants(CLANG).find((pid) => !ended.has(pid));
    if (next !== undefined && ended.size < times) {
      process.kill(next, signal);
      ended.add(next);
    }
    await pause();
  }
  return { compiling, ended: ended.size };
}

describe('clang that is ended from outside says nothing of the policy', () => {
  it.each(['SIGALRM', 'SIGKILL'] as const)('once, by %s: it is run again', async (signal) => {
    const { compiling, ended } = await compileWhile(signal, 1);
    expect(ended).toBe(1);
    expect((await compiling).verdict.findings).toEqual([]);
    expect((await compiling).object).toBeDefined();
  });

  it.each(['SIGALRM', 'SIGKILL', 'SIGTERM'] as const)(
    'again, by %s: the machine is too busy',
    async (signal) => {
      const { compiling, ended } = await compileWhile(signal, 2);
      expect(ended).toBe(2);
      await expect(compiling).rejects.toMatchObject({
        code: 'machine',
        exitCode: 3,
        hint: expect.stringContaining('says nothing of the policy'),
      });
    },
  );
});

it('a command that is killed while it compiles leaves no process and no file', async () => {
  const source = join(dir, 'mine.bpf.c');
  // Long enough at work to be met there.
  const double = Array.from({ length: 40 }, (_, i) => `#define M${i + 1} M${i} M${i}`).join('\n');
  writeFileSync(source, `${FIFO}\n#define M0 int x;\n${double}\nM40\n`);
  const before = readdirSync(tmpdir());
  const args = ['dist/cli/main.js', 'policy', 'compile', source, '--kernel', '6.18', '--out', join(dir, 'o')];
  const command = spawn(process.execPath, args, { stdio: 'ignore' });
  let compiler: number | undefined;
  while (compiler === undefined) {
    await pause();
    compiler = descendants(CLANG)[0];
  }
  command.kill('SIGKILL');
  while (existsSync(`/proc/${compiler}`)) await pause();
  const left = readdirSync(tmpdir()).filter((name) => !before.includes(name));
  expect(left.filter((name) => name.startsWith('tunesmith-compile'))).toEqual([]);
  expect(
    readdirSync(join(cacheDir(), 'run')).filter((name) => name.startsWith(`.part-${command.pid}-`)),
  ).toEqual([]);
});
