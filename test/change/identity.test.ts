/** A revert does not hit a stranger: what comes back under a number or a path is another, and somebody's value is theirs. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { bootId } from '../../src/change/boot.js';
import { Deadman, sweep } from '../../src/change/deadman.js';
import { Transactions } from '../../src/change/transactions.js';
import { readUndo } from '../../src/change/undo-file.js';
import { readTask, taskName } from '../../src/host/tasks.js';
import { native } from '../../src/native.js';
import { group, legacy } from '../host/cgroups.js';
import { tree } from '../host/fixture.js';
import { BASE, HAS_SLICES, IS_ROOT, shell, sliceOf } from '../host/processes.js';
import { thrown, workbench } from './bench.js';

const ME = { caller: 'a' };

function deadmanAt(dir = mkdtempSync(join(tmpdir(), 'tunesmith-deadman-')), root = '') {
  const deadman = Deadman.start(dir, 60_000, root);
  onTestFinished(() => {
    deadman.end();
    rmSync(dir, { recursive: true, force: true });
  });
  return { dir, deadman };
}

function transactions(): Transactions {
  const changes = new Transactions({ dir: tree() });
  onTestFinished(() => changes.close());
  return changes;
}

const nameOf = (tid: number): string => taskName(readTask(tid) as { tid: number; start: number });

describe.skipIf(!IS_ROOT || legacy === undefined)('a cgroup that is removed and made again', () => {
  /** Its weight, staged, and committed if so wanted; then another group with the value of ours. */
  function remade(changes: Transactions, isCommitted: boolean) {
    const path = `/tunesmith-test-${process.pid}-again`;
    const dir = join(legacy as string, path);
    mkdirSync(dir);
    onTestFinished(() => {
      if (existsSync(dir)) rmdirSync(dir);
    });
    const { token } = changes.stage({ values: { cpu_weight: 500 }, scope: `cgroup:${path}`, caller: 'a' });
    const shares = () => readFileSync(join(dir, 'cpu.shares'), 'utf8').trim();
    expect(shares()).toBe('5120');
    if (isCommitted) changes.commit(token, ME);
    rmdirSync(dir);
    mkdirSync(dir);
    writeFileSync(join(dir, 'cpu.shares'), '5120');
    return { token, shares };
  }

  it.each([false, true])('is another: it is left alone and reported (committed: %s)', (isCommitted) => {
    const changes = transactions();
    const { token, shares } = remade(changes, isCommitted);
    if (!isCommitted)
      expect(thrown(() => changes.commit(token, ME)).message).toContain('another is in its place');
    const change = changes.revert(token, ME);
    expect(shares()).toBe('5120');
    expect(change.items[0]).toMatchObject({
      fate: 'gone',
      found: 'it was removed, and another is in its place',
    });
    expect(change.notes.join()).toContain('another is in its place');
  });

  it('is left alone by panic, which does not say "put back"', () => {
    const dir = tree();
    const changes = new Transactions({ dir });
    const { shares } = remade(changes, true);
    changes.close();
    const { done, lines } = sweep('panic', dir);
    expect([done, lines[0]]).toEqual([true, 'c1: 1 gone']);
    expect(lines[1]).toContain('another is in its place');
    expect(shares()).toBe('5120');
  });
});

describe.skipIf(!HAS_SLICES || !IS_ROOT)('a task', () => {
  /** Another process with the number of one that has ended. */
  async function again(pid: number): Promise<ChildProcess> {
    for (let tries = 0; tries < 3000; tries++) {
      writeFileSync('/proc/sys/kernel/ns_last_pid', String(pid - 1));
      const child = spawn('sleep', ['600']);
      if (child.pid === pid) {
        onTestFinished(() => void child.kill('SIGKILL'));
        return child;
      }
      child.kill('SIGKILL');
    }
    throw new Error('the number could not be had again');
  }

  it('that got the number of one that was staged keeps its slice', async () => {
    const first = spawn('sleep', ['600']);
    const pid = first.pid as number;
    native().setSlice(pid, 10_000_000);
    const changes = transactions();
    // The kernel's own slice: a task that knows nothing of us shows the very same.
    const { token } = changes.stage({ values: { slice_ns: BASE }, scope: `pid:${pid}`, caller: 'a' });
    first.kill('SIGKILL');
    await once(first, 'exit');
    const second = await again(pid);
    expect(second.pid).toBe(pid);
    const change = changes.revert(token, ME);
    expect(sliceOf(pid)).toBe(BASE);
    expect(change.items[0]).toMatchObject({ fate: 'gone' });
  });

  it('is told from another by more than its start, where the kernel can', async () => {
    const { pid } = await shell();
    const { dir, deadman } = deadmanAt();
    expect(deadman.ask('stage', `c1\t60000\n.\tslice\t${nameOf(pid)}\town\t7000000\n`)[0]).toBe('ok');
    const path = join(dir, 'c1.undo');
    const text = readFileSync(path, 'utf8');
    const identity = /7000000\t(\S+)$/m.exec(text)?.[1];
    // Without pidfs (before Linux 6.9) there is no more than the start.
    if (identity === '-') return;
    process.kill(deadman.pid, 'SIGKILL');
    writeFileSync(path, text.replace(`\t${identity}\n`, `\t${Number(identity) + 1}\n`));
    await expect
      .poll(() => sweep('panic', dir).lines)
      .toEqual(['c1: 1 gone', expect.stringContaining('another is in its place')]);
    expect(sliceOf(pid)).toBe(7_000_000);
  });

  it('that shows a slice which the kernel gave in this boot has none of its own; a committed one is its own', async () => {
    const [seen, other, ours] = [await shell(), await shell(), await shell()];
    const dir = tree();
    // As a task shows it that has slept since base_slice_ns was 5 ms; another boot's says nothing.
    writeFileSync(join(dir, 'bases'), `${bootId()} 5000000\n${'0'.repeat(36)} 6000000\n`);
    native().setSlice(seen.pid, 5_000_000);
    native().setSlice(other.pid, 6_000_000);
    const changes = new Transactions({ dir });
    onTestFinished(() => changes.close());
    const kept = { values: { slice_ns: 5_000_000 }, scope: `pid:${ours.pid}`, caller: 'a' };
    changes.commit(changes.stage(kept).token, ME);
    const scope = `pid:${seen.pid},${other.pid},${ours.pid}`;
    const { change, token } = changes.stage({ values: { slice_ns: 7_000_000 }, scope, caller: 'a' });
    const before = new Map(change.items.map((item) => [Number(item.place.split(':')[0]), item.before]));
    expect([seen, other, ours].map(({ pid }) => before.get(pid))).toEqual(['own', '6000000', '5000000']);
    changes.revert(token, ME);
    expect([seen, other, ours].map(({ pid }) => sliceOf(pid))).toEqual([BASE, 6_000_000, 5_000_000]);
  });

  it('of another class is left out, not stuck', async () => {
    const parent = await shell();
    const changes = transactions();
    const scope = `pid:${parent.pid}`;
    const { token } = changes.stage({ values: { slice_ns: 7_000_000 }, scope, caller: 'a' });
    expect(await parent.ask(`chrt --idle --pid 0 ${parent.pid} && echo done`)).toBe('done');
    const change = changes.revert(token, ME);
    expect(change.items[0]).toMatchObject({ fate: 'gone', found: 'it went to another scheduling class' });
  });

  it('that comes to a scope meanwhile is set and put back by the deadman alone', async () => {
    const parent = await shell();
    const [child, other] = [await parent.fork(), await parent.fork()];
    native().setSlice(other, 20_000_000);
    const { dir, deadman } = deadmanAt();
    // The list names the shell alone: its children are what came meanwhile.
    const scope = `@\ttree\t${nameOf(parent.pid)}\n`;
    const items = `.\tslice\t${nameOf(parent.pid)}\town\t7000000\n`;
    expect(deadman.ask('stage', `c1\t60000\n${items}${scope}`)).toEqual(['ok', '2']);
    expect([parent.pid, child, other].map(sliceOf)).toEqual([7_000_000, 7_000_000, 7_000_000]);
    expect(
      readUndo(dir, 'c1')
        ?.items.map(({ before }) => before)
        .toSorted(),
    ).toEqual(['20000000', 'own', 'own']);
    expect(deadman.ask('revert', 'c1', 'asked')).toEqual(['ok']);
    expect([parent.pid, child, other].map(sliceOf)).toEqual([BASE, BASE, 20_000_000]);
  });

  it('that somebody else has set is left out of a scope', async () => {
    const parent = await shell();
    const theirs = await parent.fork();
    native().setSlice(theirs, 33_000_000);
    const { deadman } = deadmanAt();
    const lines = `@\ttree\t${nameOf(parent.pid)}\n-\t${nameOf(theirs)}\n`;
    deadman.ask('stage', `c1\t60000\n.\tslice\t${nameOf(parent.pid)}\town\t7000000\n${lines}`);
    expect([parent.pid, theirs].map(sliceOf)).toEqual([7_000_000, 33_000_000]);
  });

  it.skipIf(legacy === undefined)('of a cgroup whose parent is gone gives its slice back, too', async () => {
    const { path, dir } = group(legacy as string);
    const parent = await shell();
    writeFileSync(join(dir, 'cgroup.procs'), String(parent.pid));
    const changes = transactions();
    const scope = `cgroup:${path}`;
    const { token } = changes.stage({ values: { slice_ns: 7_000_000 }, scope, caller: 'a' });
    const orphan = Number(await parent.ask('sh -c "setsid sleep 600 >/dev/null & echo \\$!"'));
    onTestFinished(() => void process.kill(orphan, 'SIGKILL'));
    await expect.poll(() => readTask(orphan)?.parent).not.toBe(parent.pid);
    expect(sliceOf(orphan)).toBe(7_000_000);
    // Another change may not have it meanwhile: what it has is not its own.
    const error = thrown(() =>
      changes.stage({ values: { slice_ns: 9_000_000 }, scope: `pid:${orphan}`, caller: 'b' }),
    );
    expect(error.message).toContain('c1 of a is staged on the same');
    changes.revert(token, ME);
    expect([parent.pid, orphan].map(sliceOf)).toEqual([BASE, BASE]);
  });
});

describe('somebody else’s value', () => {
  it('that happens to be ours is theirs, when it was there before we wrote', () => {
    const bench = workbench();
    const { deadman } = deadmanAt(undefined, bench.home);
    bench.set('nr_migrate', 8);
    const item = `.\tfile\t${bench.path('nr_migrate')}\t32\t8\n`;
    expect(deadman.ask('stage', `c1\t60000\n${item}`)).toEqual(['failed', '0', 'foreign', '8']);
    expect(bench.value('nr_migrate')).toBe(8);
  });

  it.each([4_444_444, 3_000_000])('of %d instead of ours: a commit says so and is refused', (theirs) => {
    const bench = workbench();
    const changes = bench.open();
    const { token } = changes.stage({ values: { base_slice_ns: 6_000_000, nr_migrate: 8 }, caller: 'a' });
    bench.set('base_slice_ns', theirs);
    expect(thrown(() => changes.commit(token, ME))).toMatchObject({
      code: 'rejected',
      message: expect.stringContaining(`is ${theirs} and not the 6000000 that was staged`),
    });
    expect(changes.find(token).state).toBe('staged');
    const change = changes.commit(token, ME, { force: true });
    expect(change.state).toBe('committed');
    expect(change.notes.join()).toContain(`is ${theirs} and not the 6000000`);
    expect([bench.value('base_slice_ns'), bench.value('nr_migrate')]).toEqual([theirs, 8]);
  });

  it('is left by panic, which says what of a change is back and what is not', () => {
    const bench = workbench();
    const changes = bench.open();
    const { token } = changes.stage({ values: { base_slice_ns: 6_000_000, nr_migrate: 8 }, caller: 'a' });
    changes.commit(token, ME);
    changes.close();
    bench.set('base_slice_ns', 4_444_444);
    expect(sweep('panic', bench.dir, bench.home).lines).toEqual([
      'c1: 1 put back, 1 left to whoever changed it',
      `c1: ${bench.path('base_slice_ns')} was changed by somebody else, from 6000000 to 4444444: left as it is`,
    ]);
  });

  it('a file that is gone or another’s by now is no obstacle that is kept quiet', () => {
    const bench = workbench();
    const changes = bench.open();
    const { token } = changes.stage({ values: { nr_migrate: 8 }, caller: 'a' });
    rmSync(bench.path('nr_migrate'));
    expect(thrown(() => changes.commit(token, ME)).message).toContain('is gone');
    bench.set('nr_migrate', 8);
    expect(thrown(() => changes.commit(token, ME)).message).toContain('another is in its place');
    expect(changes.revert(token, ME).items[0]?.fate).toBe('gone');
    expect(bench.value('nr_migrate')).toBe(8);
  });
});

it('what the kernel makes of a value is refused, and put back', () => {
  if (!IS_ROOT || legacy === undefined) return;
  const { dir } = group(legacy);
  const file = join(dir, 'cpu.shares');
  const { deadman } = deadmanAt();
  // The kernel holds shares to 2 and more.
  expect(deadman.ask('stage', `c1\t60000\n.\tfile\t${file}\t1024\t1\n`)).toEqual([
    'failed',
    '0',
    'kept',
    '2',
  ]);
  expect(readFileSync(file, 'utf8').trim()).toBe('1024');
});

it('changes end in the reverse order of staging, by number: c10 before c9', () => {
  const bench = workbench();
  const { dir, deadman } = deadmanAt(undefined, bench.home);
  const item = (before: number, after: number) =>
    `.\tfile\t${bench.path('nr_migrate')}\t${before}\t${after}\n`;
  expect(deadman.ask('stage', `c9\t60000\n${item(32, 8)}`)[0]).toBe('ok');
  expect(deadman.ask('stage', `c10\t60000\n${item(8, 16)}`)[0]).toBe('ok');
  deadman.end();
  expect(bench.value('nr_migrate')).toBe(32);
  expect(['c9', 'c10'].map((id) => readUndo(dir, id)?.items[0]?.fate)).toEqual(['put back', 'put back']);
});
