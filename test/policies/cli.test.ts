import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { policyListSchema, policyReportSchema } from '../../src/cli/commands/policy/report.js';
import { resolveKernel } from '../../src/lab/kernels/resolve.js';
import { compilePolicy } from '../../src/verify/compile.js';
import { type PolicyVerdict, verdictSchema } from '../../src/verify/verdict-schema.js';
import { tunesmith } from '../cli/cli.js';

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
  const { stdout } = await tunesmith('policy', 'show', 'llc');
  expect(stdout).toContain('domain_cpus = 0 (0 to 1024)');
  expect(stdout).toMatch(/\(× above 1: so many times better; below 1: worse\)\n {2}\w+ +× \d/);
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
  const todo = [
    'policy.json still says TODO: summary, algorithm, suits[0].what, doesNotSuit[0].what, author',
    'the source still says TODO: lines 3, 5, 7',
  ];
  expect({ problems, name: manifest.name }).toEqual({ problems: todo, name: 'mine_2' });
  const text = readFileSync(source, 'utf8');
  expect(text).not.toContain('vtime_ops');
  expect(text).toContain('.name = "mine_2"');
  const { verdict } = await compilePolicy({ source: text, kernel: await resolveKernel('scx') });
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

it('refuses to compile into a directory that is not there', async () => {
  const done = await tunesmith('policy', 'compile', 'fifo', '--out', join(home, 'nowhere', 'fifo.o'));
  expect(done.code).toBe(2);
  expect(done.stderr).toContain('lies in no directory that is there');
  expect(done.stderr).toContain(`mkdir -p ${join(home, 'nowhere')}`);
});

const checked = async (...args: string[]): Promise<{ code: number | undefined; verdict: PolicyVerdict }> => {
  const { code, stdout } = await tunesmith('policy', 'check', ...args, '--until', 'compile', '--json');
  return { code, verdict: verdictSchema.parse(JSON.parse(stdout)) };
};

it('checks a C source as far as it is asked to, with exit code and verdict', async () => {
  const good = await checked('test/policies/good/stock-sections.bpf.c');
  expect(good).toMatchObject({ code: 0, verdict: { accepted: true, stage: null, until: 'compile' } });
  expect(good.verdict.stages.map(({ stage }) => stage)).toEqual(['lint', 'compile']);
  const file = 'test/policies/bad/71-syntax-error.bpf.c';
  const bad = await checked(file);
  expect(bad).toMatchObject({ code: 1, verdict: { accepted: false, stage: 'compile' } });
  expect(bad.verdict.findings.filter(({ severity }) => severity === 'error')).toMatchObject([
    { rule: 'compile/error', place: { file } },
  ]);
  const told = await tunesmith('policy', 'check', file, '--until', 'compile');
  expect(told).toMatchObject({ code: 1 });
  expect(told.stdout).toMatch(/expected ';'.*\[compile\/error\]\nrejected by compile$/);
});

it('lets what is unfinished be tried, and not be contributed', async () => {
  const { dir } = JSON.parse((await tunesmith('policy', 'new', 'begun', '--dir', home, '--json')).stdout);
  const tried = await checked(dir);
  expect(tried).toMatchObject({ code: 0, verdict: { accepted: true } });
  expect(tried.verdict.findings.map(({ severity }) => severity)).toEqual(['warning', 'warning']);
  const offered = await checked(dir, '--contribute');
  expect(offered).toMatchObject({ code: 1, verdict: { accepted: false, stage: 'lint' } });
  const messages = offered.verdict.findings.map(({ rule, severity, message }) => [rule, severity, message]);
  expect(messages).toEqual([
    [
      'lint/manifest',
      'error',
      'policy.json still says TODO: summary, algorithm, suits[0].what, doesNotSuit[0].what, author',
    ],
    ['lint/manifest', 'error', 'the source still says TODO: lines 3, 5, 7'],
    [
      'lint/manifest',
      'error',
      'policy.json says that it suits wakeup, and no evidence of this version is kept',
    ],
  ]);
  expect(await checked('vtime', '--contribute')).toMatchObject({ code: 0, verdict: { findings: [] } });
  const source = await tunesmith('policy', 'check', join(dir, 'policy.bpf.c'), '--contribute');
  expect(source).toMatchObject({ code: 2, stderr: expect.stringContaining('has no manifest') });
});

it('rejects a claim that is not borne out, by what is kept and by what is measured', async () => {
  const dir = join(home, 'batch');
  cpSync('policies/batch', dir, { recursive: true });
  const manifest = JSON.parse(readFileSync(join(dir, 'policy.json'), 'utf8'));
  const claiming = { ...manifest, suits: [{ what: 'short waits', workload: 'wakeup' }] };
  writeFileSync(join(dir, 'policy.json'), JSON.stringify(claiming));
  const { code, verdict } = await checked(dir, '--contribute');
  expect(code).toBe(1);
  expect(verdict.findings.map(({ message }) => message)).toEqual([
    'policy.json says that it suits wakeup, and its evidence does not bear that out',
  ]);
  // A name would be looked for in our own repository.
  expect(verdict.findings[0]?.hint).toContain(`tunesmith policy trial ${dir} measures it`);
  const tried = await tunesmith('policy', 'trial', dir, '--quick', '--json');
  expect({ code: tried.code, said: JSON.parse(tried.stdout) }).toMatchObject({
    code: 1,
    said: { schema: 'tunesmith.policy-trial/1', policy: 'batch', notBorneOut: ['wakeup'] },
  });
});
