import { spawn } from 'node:child_process';
import { expect, onTestFinished, test } from 'vitest';
import { native } from '../../src/native.js';

const slices = native().probeSlices();
const hasSlices = test.skipIf(!slices.ok);

/** A process that sleeps until the test is over, started through chrt when a policy is given. */
async function sleeper(...policy: string[]): Promise<number> {
  const argv = [...policy, 'sleep', '60'];
  const child = spawn(argv[0] as string, argv.slice(1), { stdio: 'ignore' });
  onTestFinished(() => void child.kill('SIGKILL'));
  await new Promise((resolve, reject) => child.once('spawn', resolve).once('error', reject));
  return child.pid as number;
}

hasSlices('a slice is set, read back and given back; policy, nice and flags stay', async () => {
  const pid = await sleeper('chrt', '--reset-on-fork', '--batch', '0', 'nice', '-n', '7');
  await expect.poll(() => native().readSched(pid)).toMatchObject({ policy: 3, nice: 7 });
  const before = native().readSched(pid);
  expect(before).toMatchObject({ ok: true, flags: 1, sliceNs: slices.baseNs });
  expect(native().setSlice(pid, 7_654_321)).toMatchObject({ ok: true });
  expect(native().readSched(pid)).toEqual({ ...before, sliceNs: 7_654_321 });
  expect(native().setSlice(pid, 0)).toMatchObject({ ok: true });
  expect(native().readSched(pid)).toEqual(before);
});

hasSlices('the kernel holds a slice to its range, which only reading back shows', async () => {
  const pid = await sleeper();
  expect(native().setSlice(pid, 1)).toMatchObject({ ok: true });
  expect(native().readSched(pid).sliceNs).toBe(100_000);
});

hasSlices('trying leaves the calling thread as it was', () => {
  const before = native().readSched(0);
  expect(native().probeSlices()).toMatchObject({ ok: true, baseNs: slices.baseNs });
  expect(native().readSched(0)).toEqual(before);
});

test('a task of another class is refused and left alone', async () => {
  const pid = await sleeper('chrt', '--idle', '0');
  await expect.poll(() => native().readSched(pid).policy).toBe(5);
  const before = native().readSched(pid);
  expect(native().setSlice(pid, 3_000_000)).toMatchObject({ ok: false, code: 'EINVAL' });
  expect(native().readSched(pid)).toEqual(before);
});

test('a task that is gone is told from one that is refused', () => {
  expect(native().readSched(2 ** 22)).toMatchObject({ ok: false, code: 'ESRCH' });
  expect(native().setSlice(2 ** 22, 3_000_000)).toMatchObject({ ok: false, code: 'ESRCH' });
});

test.each([-1, 1.5, Number.NaN, 2 ** 22 + 1])('a task number of %d never reaches the kernel', (tid) => {
  expect(() => native().readSched(tid)).toThrow('must be a whole number from 0');
  expect(() => native().setSlice(tid, 0)).toThrow('must be a whole number from 0');
});

test('a slice that is no whole number of ns is refused', () => {
  expect(() => native().setSlice(2 ** 22, 0.5)).toThrow('sliceNs: 0.5 must be a whole number');
});
