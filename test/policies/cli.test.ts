import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it, vi } from 'vitest';
import { policyListSchema, policyReportSchema } from '../../src/cli/commands/policy/report.js';
import { resolveKernel } from '../../src/lab/kernels/resolve.js';
import { compilePolicy } from '../../src/verify/compile.js';
import { tunesmith } from '../cli/cli.js';

vi.setConfig({ testTimeout: 120_000 });

const home = mkdtempSync(join(tmpdir(), 'policy-new-'));
afterAll(() => rmSync(home, { recursive: true }));

it('lists, for people and for programs', async () => {
  const all = policyListSchema.parse(JSON.parse((await tunesmith('policy', 'list', '--json')).stdout));
  expect(all.policies.map(({ name }) => name)).toContain('vtime');
  const some = await tunesmith('policy', 'list', 'pipe');
  expect(some).toMatchObject({ code: 0, stderr: '' });
  expect(some.stdout).toMatch(/^pairing +A task woken/);
  expect(await tunesmith('policy', 'list', 'nonsense')).toMatchObject({ code: 0, stdout: 'no policy fits' });
});

it('shows one, and its source', async () => {
  const report = policyReportSchema.parse(
    JSON.parse((await tunesmith('policy', 'show', 'llc', '--json')).stdout),
  );
  expect(report).toMatchObject({ problems: [], manifest: { name: 'llc' } });
  expect((await tunesmith('policy', 'show', 'llc')).stdout).toContain('domain_cpus = 0 (0 to 1024)');
  expect((await tunesmith('policy', 'show', 'llc', '--source')).stdout).toBe(
    readFileSync('policies/llc/policy.bpf.c', 'utf8').trimEnd(),
  );
});

it('refuses what is not there with what is near', async () => {
  const done = await tunesmith('policy', 'show', 'vtim');
  expect(done.code).toBe(2);
  expect(done.stderr).toContain('did you mean vtime');
});

it('begins one that compiles, and does not write over it', async () => {
  const made = await tunesmith('policy', 'new', 'mine_2', '--dir', home, '--json');
  expect(JSON.parse(made.stdout)).toMatchObject({ name: 'mine_2', dir: join(home, 'mine_2') });
  const shown = await tunesmith('policy', 'show', join(home, 'mine_2'), '--json');
  const { manifest, problems, source } = policyReportSchema.parse(JSON.parse(shown.stdout));
  const todo = ['policy.json still says TODO', 'the source still says TODO'];
  expect({ problems, name: manifest.name }).toEqual({ problems: todo, name: 'mine_2' });
  const text = readFileSync(source, 'utf8');
  expect(text).not.toContain('vtime_ops');
  expect(text).toContain('.name = "mine_2"');
  const { verdict } = await compilePolicy({ source: text, kernel: await resolveKernel('6.18') });
  expect(verdict.findings).toEqual([]);
  expect(await tunesmith('policy', 'new', 'mine_2', '--dir', home)).toMatchObject({ code: 2 });
  expect(await tunesmith('policy', 'new', '../evil', '--dir', home)).toMatchObject({ code: 2 });
  expect(existsSync(join(home, '..', 'evil'))).toBe(false);
});

it('compiles one into a file, as it is compiled everywhere', async () => {
  const out = join(home, 'fifo.bpf.o');
  const done = await tunesmith('policy', 'compile', 'fifo', '--kernel', 'scx', '--out', out, '--json');
  expect(done).toMatchObject({ code: 0, stderr: '' });
  const kernel = await resolveKernel('scx');
  const source = readFileSync('policies/fifo/policy.bpf.c', 'utf8');
  const { object } = await compilePolicy({ source, kernel });
  expect(JSON.parse(done.stdout)).toMatchObject({ kernel: kernel.release, sha256: object?.sha256 });
  expect(readFileSync(out)).toEqual(readFileSync(object?.path as string));
});
