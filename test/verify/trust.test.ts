import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { MachineFailed } from '../../src/errors.js';
import { pretendAbsent } from '../../src/host/confine.js';
import { resolveKernel } from '../../src/lab/kernels/resolve.js';
import { compilePolicy } from '../../src/verify/compile.js';
import { notHere, readyObject } from '../../src/verify/host-object.js';

const FIFO = readFileSync('policies/fifo/policy.bpf.c', 'utf8');
const dir = mkdtempSync(join(tmpdir(), 'trust-'));
const mine = join(dir, 'mine.bpf.c');
writeFileSync(mine, `${FIFO}\n/* mine */\n`);
const preload = join(dir, 'absent.mjs');
writeFileSync(
  preload,
  `import { pretendAbsent } from ${JSON.stringify(resolve('dist/host/confine.js'))};\npretendAbsent(['namespace', 'landlock']);\n`,
);
afterAll(() => rmSync(dir, { recursive: true }));
afterEach(() => pretendAbsent([]));

describe('where nothing confines clang', () => {
  const compile = async (source: string) => {
    pretendAbsent(['namespace', 'landlock']);
    return compilePolicy({ source, kernel: await resolveKernel('6.18') });
  };

  it('a source of unknown origin is not compiled', async () => {
    const refused = { code: 'incapable', exitCode: 3, hint: expect.stringContaining('--trust-source') };
    await expect(compile(`${FIFO}\n`)).rejects.toMatchObject(refused);
  });

  it('says so too where it was to be put in force', async () => {
    const error = await compile(`${FIFO}\n`).catch((thrown: unknown) => thrown);
    const told = notHere('mine', error);
    expect(told).toMatchObject({ code: 'incapable', exitCode: 3, cause: error });
    expect(told.hint).toContain('--trust-source');
    expect(told.hint).toContain(readyObject('mine'));
    // Another machine's word for it, and what says nothing of the policy.
    expect(notHere('mine', new Error('no clang')).hint).toMatch(/^compile it on a machine that can/);
    const failed = new MachineFailed('clang was ended');
    expect(notHere('mine', failed)).toBe(failed);
  });

  it('one that is shipped is', async () => {
    expect((await compile(FIFO)).verdict.findings).toEqual([]);
  });

  it('the command line ends with exit code 3, or takes a source its caller answers for', () => {
    const check = (...args: string[]) =>
      spawnSync(
        process.execPath,
        ['--import', preload, 'dist/cli/main.js', 'policy', 'check', mine, '--until', 'compile', ...args],
        { encoding: 'utf8' },
      );
    expect(check()).toMatchObject({ status: 3, stderr: expect.stringContaining('--trust-source') });
    expect(check('--trust-source').status).toBe(0);
  });
});

it('the list of shipped policies is that of the policies', () => {
  const now = execFileSync('sh', ['-c', 'cd policies && sha256sum */policy.bpf.c'], { encoding: 'utf8' });
  const how = 'after a change: (cd policies && sha256sum */policy.bpf.c > shipped.sha256)';
  expect(readFileSync('policies/shipped.sha256', 'utf8'), how).toBe(now);
});
