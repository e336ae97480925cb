/**
 * What cannot be written down in time: the deadman puts back all the same, nobody ends by it, and the journal follows. The
 * journal of a real process cannot grow (RLIMIT_FSIZE), as on a full disk.
 */
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { expect, it, onTestFinished } from 'vitest';
import { Deadman, sweep } from '../../src/change/deadman.js';
import { Watch } from '../../src/change/watch.js';
import { tree } from '../host/fixture.js';
import { thrown, type Workbench, workbench } from './bench.js';

const DIST = new URL('../../dist/', import.meta.url).pathname;
if (!existsSync(DIST)) throw new Error(`${DIST} is not there: run npm run build`);
const PATIENCE = { timeout: 600_000, interval: 100 };

/** A process with one change staged on the workbench, which answers each line with the change's state. */
async function service(bench: Workbench, request: object, metrics = '') {
  const script = `
    process.on('SIGXFSZ', () => {});
    const { Transactions } = await import('${DIST}change/transactions.js');
    const changes = new Transactions({
      dir: '${bench.dir}', tree: '${bench.home}', scheduler: 'eevdf',
      locate: ({ name }) => ({ knob: name, path: '${bench.home}/' + name,
        notation: { toText: String, fromText: Number } }),
    });
    let looks = 0;
    const figures = ${metrics === '' ? 'undefined' : metrics};
    const { change } = await changes.stageWatched({ ...${JSON.stringify(request)}, metrics: figures });
    process.on('warning', ({ message }) => console.error('warning: ' + message));
    console.log('staged');
    const { createInterface } = await import('node:readline');
    for await (const _ of createInterface({ input: process.stdin })) {
      const { state, endReason } = changes.find(change.id);
      console.log(state + ' ' + endReason + ' ' + changes.list().length);
    }`;
  const child: ChildProcessWithoutNullStreams = spawn(process.execPath, [
    '--input-type=module',
    '-e',
    script,
  ]);
  onTestFinished(() => void child.kill('SIGKILL'));
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const answers = createInterface(child.stdout)[Symbol.asyncIterator]();
  expect(await answers.next(), said).toMatchObject({ value: 'staged' });
  const state = async (): Promise<string> => {
    child.stdin.write('?\n');
    return (await answers.next()).value ?? `it is gone: ${said}`;
  };
  const room = (bytes: string) => {
    const done = spawnSync('prlimit', ['--pid', String(child.pid), `--fsize=${bytes}:unlimited`]);
    expect(done.status).toBe(0);
  };
  return { state, room, warnings: () => said };
}

const SLICE = { values: { base_slice_ns: 6_000_000 }, caller: 'a' };

it('a time to live that ends while the disk is full ends no process: it is put back, and told later', async () => {
  const bench = workbench();
  const { state, room, warnings } = await service(bench, { ...SLICE, ttlMs: 3000 });
  room('0');
  await expect.poll(() => bench.value('base_slice_ns'), PATIENCE).toBe(3_000_000);
  await expect.poll(warnings, PATIENCE).toContain('it is tried again');
  expect(await state()).toBe('staged null 1');
  room('unlimited');
  await expect.poll(state, PATIENCE).toBe('expired ttl 1');
});

it('a breach while the disk is full puts back at once, is reported, and told later', async () => {
  const bench = workbench();
  const rail = { metric: 'runq_latency_p99_ns', rule: 'at most', value: 10, why: 'slo' };
  // Well again after two looks: a breach is one all the same.
  const figures = '() => ({ runq_latency_p99_ns: ++looks >= 6 && looks < 8 ? 99 : 1 })';
  const { state, room, warnings } = await service(bench, { ...SLICE, guardrails: [rail] }, figures);
  room('0');
  await expect.poll(() => bench.value('base_slice_ns'), PATIENCE).toBe(3_000_000);
  await expect.poll(warnings, PATIENCE).toContain('it is tried again');
  room('unlimited');
  await expect.poll(state, PATIENCE).toBe('reverted guardrail 1');
});

it('a breach that cannot be dealt with is told until it is', async () => {
  const failures: unknown[] = [];
  let told = 0;
  const metrics = { runq_latency_p99_ns: 99 };
  const rail = { metric: 'runq_latency_p99_ns', rule: 'at most', value: 10, why: 'slo' } as const;
  const watch = new Watch(
    [rail],
    () => (told === 0 ? metrics : { runq_latency_p99_ns: 1 }),
    () => {
      told += 1;
      if (told < 3) throw new Error('no room');
    },
    (error) => failures.push(error),
  );
  onTestFinished(() => watch.stop());
  watch.start();
  await expect.poll(() => told, PATIENCE).toBe(3);
  expect(failures).toHaveLength(2);
});

it('what is too long for the deadman leaves nothing behind: its knob and its key are free', () => {
  const bench = workbench();
  let length = 1_000_000;
  const changes = bench.open({
    locate: (knob, scope) => ({
      ...bench.locate(knob, scope),
      notation: { toText: (value) => String(value).padStart(length, '0'), fromText: Number },
    }),
  });
  const request = { ...SLICE, idempotencyKey: 'k' };
  expect(thrown(() => changes.stage(request))).toMatchObject({
    code: 'incapable',
    message: 'the change has too many values for one undo list',
  });
  expect(changes.find('c1')).toMatchObject({ state: 'failed', endReason: 'refused' });
  length = 0;
  expect(changes.stage(request)).toMatchObject({ repeated: false, change: { state: 'staged' } });
  expect(bench.value('base_slice_ns')).toBe(6_000_000);
});

it('staging renews the lease: what is staged after a long silence stays', async () => {
  const bench = workbench();
  const dir = tree();
  const deadman = Deadman.start(dir, 3000, bench.home);
  onTestFinished(() => deadman.end());
  await new Promise((resolve) => setTimeout(resolve, 4000));
  const item = `.\tfile\t${bench.path('nr_migrate')}\t32\t8\n`;
  expect(deadman.ask('stage', `c1\t600000\n${item}`)).toEqual(['ok', '0']);
  expect(deadman.ask('commit', 'c1')).toEqual(['ok']);
  expect(sweep('panic', dir, bench.home).lines).toEqual(['c1: put back']);
});

it('a list of changes says the time that is left', () => {
  const changes = workbench().open();
  changes.stage({ ...SLICE, ttlMs: 600_000 });
  changes.stage({ values: { nr_migrate: 8 }, caller: 'a', ttlMs: 600_000 });
  for (const { remainingMs } of changes.list()) {
    expect(remainingMs).toBeGreaterThan(300_000);
    expect(remainingMs).toBeLessThanOrEqual(600_000);
  }
});

it('a deadman that cannot be given a link is not said to be there', () => {
  const dir = tree();
  // As many descriptors as may be open, less so many.
  const script = `
    import { openSync, readdirSync, closeSync } from 'node:fs';
    import { spawnSync } from 'node:child_process';
    const { deadmanAddon } = await import('${DIST}change/native.js');
    const { deadmanPath } = await import('${DIST}native.js');
    const addon = deadmanAddon(), program = deadmanPath();
    spawnSync('prlimit', ['--pid', String(process.pid), '--nofile=64:64']);
    const open = [];
    try { for (;;) open.push(openSync('/dev/null')); } catch {}
    const seen = [];
    for (let free = 0; free <= 5; free++) {
      const { ok, fd, reason } = addon.startDeadman(program, '${dir}', 60000, 5000, '');
      seen.push([free, ok, fd >= 0, reason !== '']);
      if (ok) addon.endDeadman(fd, 0);
      closeSync(open.pop());
    }
    console.log(JSON.stringify(seen));
    process.exit(0);`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
  });
  const seen = JSON.parse(stdout || `"${stderr}"`) as [number, boolean, boolean, boolean][];
  for (const [, ok, hasLink, hasReason] of seen) expect([hasLink, hasReason]).toEqual([ok, !ok]);
  expect(new Set(seen.map(([, ok]) => ok))).toEqual(new Set([true, false]));
});
