/** Node, its deadman or both are killed at every step; the files are plain ones, so this is no figure (`bench control`). */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { injectFaults } from '../../src/bench/control/faults.js';
import { Deadman, DeadmanGone, sweep } from '../../src/change/deadman.js';
import type { Item } from '../../src/change/types.js';
import { readUndo, undoLines } from '../../src/change/undo-file.js';
import { type Workbench, workbench } from './bench.js';

/** A busy machine may let a deadman wait; the bench holds it to a second. */
const PATIENCE_MS = 600_000;

it('no death at any step leaves a staged value or loses a committed one', async () => {
  const { runs, cuts, left, lost, wrong } = await injectFaults('files', 33, 11, () => {}, PATIENCE_MS);
  expect({ runs, kinds: Object.keys(cuts).length, left, lost, wrong }).toEqual({
    ...{ runs: 33, kinds: 33, left: 0, lost: 0, wrong: [] },
  });
});

/** A deadman with a list of one knob staged. */
function armed(leaseMs = 60_000) {
  const bench = workbench();
  const dir = mkdtempSync(join(tmpdir(), 'tunesmith-deadman-'));
  const deadman = Deadman.start(dir, leaseMs, bench.home);
  onTestFinished(() => {
    deadman.end();
    rmSync(dir, { recursive: true, force: true });
  });
  const item: Item = {
    ...{ knob: 'nr_migrate', kind: 'file', place: bench.path('nr_migrate') },
    ...{ before: '32', after: '8' },
  };
  expect(deadman.ask('stage', `c1\t60000\n${undoLines([item])}`)).toEqual(['ok', '0']);
  expect(bench.value('nr_migrate')).toBe(8);
  return { bench, dir, deadman, item };
}

it('a deadman whose owner says nothing any more puts back at the lease’s end', async () => {
  const { bench, dir, deadman } = armed(300);
  await expect.poll(() => bench.value('nr_migrate'), { timeout: PATIENCE_MS }).toBe(32);
  expect(readUndo(dir, 'c1')).toMatchObject({ state: 'reverted', reason: 'lease' });
  expect(deadman.ask('renew')).toEqual(['ok', 'c1']);
  expect(deadman.ask('commit', 'c1')).toEqual(['no', 'not staged here']);
});

it('a deadman that is told to end puts back first', async () => {
  const { bench, dir, deadman } = armed();
  process.kill(deadman.pid, 'SIGTERM');
  await expect.poll(() => bench.value('nr_migrate'), { timeout: PATIENCE_MS }).toBe(32);
  await expect.poll(() => readUndo(dir, 'c1')?.reason, { timeout: PATIENCE_MS }).toBe('signal');
  await expect
    .poll(() => thrownBy(() => deadman.ask('renew')), { timeout: PATIENCE_MS })
    .toBeInstanceOf(DeadmanGone);
});

const thrownBy = (act: () => unknown): unknown => {
  try {
    return act();
  } catch (error) {
    return error;
  }
};

it('a hang-up and an interrupt do not end it', () => {
  const { bench, deadman } = armed();
  process.kill(deadman.pid, 'SIGHUP');
  process.kill(deadman.pid, 'SIGINT');
  expect(deadman.ask('renew')).toEqual(['ok']);
  expect(bench.value('nr_migrate')).toBe(8);
});

it('recovery leaves alone what a living deadman holds, and panic does not', () => {
  const { bench, dir } = armed();
  expect(sweep('recover', dir, bench.home)).toEqual({ done: true, lines: [] });
  expect(bench.value('nr_migrate')).toBe(8);
  expect(sweep('panic', dir, bench.home)).toMatchObject({ done: true });
  expect(bench.value('nr_migrate')).toBe(32);
});

it.each([
  ['stage', 'unknown request'],
  ['stage\tc9\t60000', 'unknown request'],
  ['stage\tc9\t60000\nnonsense', 'Invalid argument'],
  ['stage\tc1\t60000\n', 'File exists'],
  ['stage\tc9\t60000\n.\tfile\t/x\t1\t2\n', 'Invalid argument'],
  ['revert\tc7\tasked', 'No such file or directory'],
  ['commit\tc7', 'not staged here'],
  ['\n\t\n', 'unknown request'],
])('a deadman answers %j with a no', (request, answer) => {
  const { deadman } = armed();
  const [verdict, why] = deadman.ask(request);
  expect([verdict, why]).toEqual(['no', answer]);
});

it('is small', () => {
  const { deadman } = armed();
  const kib = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${deadman.pid}/status`, 'utf8'))?.[1]);
  expect(kib * 1024).toBeLessThan(1.5e6);
});

/** A link to hold: the other end sees when the last copy is closed. */
async function held(
  verbs: readonly (readonly string[])[],
): Promise<{ bench: Workbench; deadman: Deadman; dir: string; closed: () => boolean }> {
  const { bench, deadman, dir } = armed();
  const child = spawn('cat', { stdio: ['pipe', 'ignore', 'ignore'] });
  let closed = false;
  child.once('exit', () => {
    closed = true;
  });
  onTestFinished(() => void child.kill());
  const { fd } = (child.stdin as unknown as { _handle: { fd: number } })._handle;
  expect(deadman.askWith([fd], ['stage', 'c2', '60000\n'])).toEqual(['ok', '0']);
  child.stdin.destroy();
  for (const verb of verbs) expect(deadman.ask(...verb)).toEqual(['ok']);
  await new Promise((resolve) => setTimeout(resolve, 200));
  return { bench, deadman, dir, closed: () => closed };
}

it('a link is held while it is staged, and closed with the revert', async () => {
  const { deadman, closed } = await held([]);
  expect(closed()).toBe(false);
  expect(deadman.ask('revert', 'c2', 'asked')).toEqual(['ok']);
  await expect.poll(closed, { timeout: PATIENCE_MS }).toBe(true);
});

it('a committed link outlives its owner, and panic closes it', async () => {
  const { bench, dir, closed, deadman } = await held([['commit', 'c2']]);
  deadman.end(false);
  await expect.poll(() => readUndo(dir, 'c1')?.state, { timeout: PATIENCE_MS }).toBe('reverted');
  expect(closed()).toBe(false);
  expect(sweep('panic', dir, bench.home)).toMatchObject({ done: true });
  await expect.poll(closed, { timeout: PATIENCE_MS }).toBe(true);
});

it('a link goes with its deadman', async () => {
  const { deadman, closed } = await held([]);
  process.kill(deadman.pid, 'SIGKILL');
  await expect.poll(closed, { timeout: PATIENCE_MS }).toBe(true);
});
