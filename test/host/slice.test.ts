import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bootId } from '../../src/change/boot.js';
import { parseScope } from '../../src/host/scope.js';
import { SliceSetting } from '../../src/host/slice.js';
import { threadsOf } from '../../src/host/tasks.js';
import { native } from '../../src/native.js';
import { tree } from './fixture.js';
import { BASE, endLater, HAS_SLICES, shell, sliceOf, slicesOf, threaded } from './processes.js';
import { type Steps, slicesFor } from './steps.js';

// Other test files run beside this one and use other slices: a task of theirs is no stray of ours.
const settingFor = (scope: string): Steps<SliceSetting> => slicesFor(parseScope(scope));

describe.skipIf(!HAS_SLICES)('the slices of a scope', () => {
  it('are set for a process with its threads, read, and put back', async () => {
    const program = await threaded();
    const setting = settingFor(`pid:${program.pid}`);
    expect(setting.before).toBe(BASE);
    await setting.set(7_000_000);
    expect(threadsOf(program.pid).length).toBeGreaterThan(3);
    expect(slicesOf(program.pid)).toEqual([7_000_000]);
    expect(setting.read()).toBe(7_000_000);
    await setting.restore();
    expect(slicesOf(program.pid)).toEqual([BASE]);
    expect(setting.remarks()).toEqual([]);
  });

  it('go to a process, its descendants, and no others', async () => {
    const [inside, outside] = [await shell(), await shell()];
    const child = await inside.fork();
    const setting = settingFor(`tree:${inside.pid}`);
    await setting.set(7_000_000);
    expect([inside.pid, child, outside.pid].map(sliceOf)).toEqual([7_000_000, 7_000_000, BASE]);
    await setting.restore();
    expect([inside.pid, child, outside.pid].map(sliceOf)).toEqual([BASE, BASE, BASE]);
  });

  it('are inherited by threads and processes started later, and put back there too', async () => {
    const [program, parent] = [await threaded(), await shell()];
    const setting = settingFor(`pid:${program.pid},${parent.pid}`);
    await setting.set(7_000_000);
    const before = threadsOf(program.pid).length;
    await program.thread();
    const child = await parent.fork();
    expect(threadsOf(program.pid).length).toBeGreaterThan(before);
    expect([...slicesOf(program.pid), sliceOf(child)]).toEqual([7_000_000, 7_000_000]);
    await setting.set(9_000_000);
    // The child is no process of the scope: what it inherited was put back with the step before.
    expect([...slicesOf(program.pid), sliceOf(child)]).toEqual([9_000_000, BASE]);
    await setting.restore();
    expect([...slicesOf(program.pid), sliceOf(child)]).toEqual([BASE, BASE]);
  });

  it('of tasks that did not inherit are caught with the next value', async () => {
    const parent = await shell();
    const setting = settingFor(`tree:${parent.pid}`);
    await setting.set(7_000_000);
    const child = Number(await parent.ask('chrt --reset-on-fork --other 0 sleep 600 >/dev/null & echo $!'));
    expect(native().setSlice(child, 0).ok).toBe(true);
    await setting.set(8_000_000);
    expect(sliceOf(child)).toBe(8_000_000);
    await setting.restore();
    expect(sliceOf(child)).toBe(BASE);
  });

  it('that tasks had of their own come back to each', async () => {
    const parent = await shell();
    const [first, second] = [await parent.fork(), await parent.fork()];
    native().setSlice(first, 20_000_000);
    const setting = settingFor(`tree:${parent.pid}`);
    expect(setting.before).toBe(BASE);
    await setting.set(7_000_000);
    await setting.set(100_000);
    expect([first, second].map(sliceOf)).toEqual([100_000, 100_000]);
    await setting.restore();
    expect([first, second].map(sliceOf)).toEqual([20_000_000, BASE]);
    native().setSlice(first, 0);
  });

  it('that somebody else changed in between are left to them, and told', async () => {
    const parent = await shell();
    const [theirs, ours] = [await parent.fork(), await parent.fork()];
    const setting = settingFor(`tree:${parent.pid}`);
    await setting.set(7_000_000);
    native().setSlice(theirs, 33_000_000);
    await setting.set(9_000_000);
    expect([theirs, ours].map(sliceOf)).toEqual([33_000_000, 9_000_000]);
    await setting.restore();
    expect([theirs, ours].map(sliceOf)).toEqual([33_000_000, BASE]);
    expect(setting.remarks()).toEqual([
      `the slice of task ${theirs} was changed by somebody else, from 7 ms to 33 ms: left as it is`,
    ]);
  });

  it('that somebody else changed after the last window are left to them', async () => {
    const parent = await shell();
    const setting = settingFor(`pid:${parent.pid}`);
    await setting.set(7_000_000);
    native().setSlice(parent.pid, 33_000_000);
    await setting.restore();
    expect(sliceOf(parent.pid)).toBe(33_000_000);
    expect(setting.remarks()[0]).toContain('was changed by somebody else, from 7 ms to 33 ms');
  });

  it('that somebody put back in between may be set again', async () => {
    const parent = await shell();
    const setting = settingFor(`pid:${parent.pid}`);
    await setting.set(7_000_000);
    native().setSlice(parent.pid, 0);
    await setting.set(9_000_000);
    expect(sliceOf(parent.pid)).toBe(9_000_000);
    await setting.restore();
    expect(sliceOf(parent.pid)).toBe(BASE);
    expect(setting.remarks()).toEqual([]);
  });

  it('survive tasks that end in between, which are counted', async () => {
    const [parent, other] = [await shell(), await shell()];
    const setting = settingFor(`pid:${parent.pid},${other.pid}`);
    await setting.set(7_000_000);
    await other.end();
    await setting.set(9_000_000);
    expect(sliceOf(parent.pid)).toBe(9_000_000);
    await setting.restore();
    expect(sliceOf(parent.pid)).toBe(BASE);
    expect(setting.remarks()).toEqual(['1 task of the scope ended meanwhile']);
  });

  it('of a scope that is empty by now cannot be set: a window would say nothing', async () => {
    const parent = await shell();
    const setting = settingFor(`pid:${parent.pid}`);
    await parent.end();
    await expect(setting.set(7_000_000)).rejects.toThrow(
      `no task that could have a slice is in process ${parent.pid}`,
    );
    expect(setting.read()).toBe(BASE);
    await setting.restore();
  });

  it('of a scope that empties in a window make the window void', async () => {
    const parent = await shell();
    const setting = settingFor(`pid:${parent.pid}`);
    await setting.set(7_000_000);
    await parent.end();
    expect(() => setting.read()).toThrow('no task that could have a slice');
    await setting.restore();
    expect(setting.read()).toBe(BASE);
  });

  it('of a task that sleeps since the kernel’s own was another are the kernel’s present one', async () => {
    const { pid } = await shell();
    const dir = tree();
    writeFileSync(join(dir, 'bases'), `${bootId()} 5000000\n`);
    native().setSlice(pid, 5_000_000);
    const setting = new SliceSetting(parseScope(`pid:${pid}`), dir);
    expect([setting.before, setting.read()]).toEqual([BASE, BASE]);
  });

  it('leave other classes out, and count them', async () => {
    const parent = await shell();
    const idle = Number(await parent.ask('chrt --idle 0 sleep 600 >/dev/null & echo $!'));
    await expect.poll(() => native().readSched(idle).policy).toBe(5);
    const setting = settingFor(`tree:${parent.pid}`);
    await setting.set(7_000_000);
    expect([parent.pid, idle].map(sliceOf)).toEqual([7_000_000, BASE]);
    await setting.restore();
    expect(setting.remarks()).toEqual(['1 task of another class than SCHED_OTHER and SCHED_BATCH left out']);
  });

  it('are not forced on a task that goes to another class meanwhile', async () => {
    const parent = await shell();
    const child = await parent.fork();
    const setting = settingFor(`tree:${parent.pid}`);
    await setting.set(7_000_000);
    expect(await parent.ask(`chrt --idle --pid 0 ${child} && echo done`)).toBe('done');
    await setting.set(9_000_000);
    await setting.restore();
    expect([sliceOf(parent.pid), native().readSched(child).policy]).toEqual([BASE, 5]);
    expect(setting.remarks()).toEqual(['1 task of another class than SCHED_OTHER and SCHED_BATCH left out']);
  });

  it('of a tree stay its own when the middle of it ends', async () => {
    const parent = await shell();
    const [middle, leaf] = (
      await parent.ask('sh -c "sleep 600 >/dev/null & echo \\$\\$ \\$!; exec sleep 600 >/dev/null" &')
    )
      .split(' ')
      .map(Number) as [number, number];
    const setting = settingFor(`tree:${parent.pid}`);
    await setting.set(7_000_000);
    process.kill(middle, 'SIGKILL');
    await expect.poll(() => native().readSched(middle).code).toBe('ESRCH');
    expect(sliceOf(leaf)).toBe(7_000_000);
    await setting.set(9_000_000);
    expect(sliceOf(leaf)).toBe(9_000_000);
    await setting.restore();
    expect(sliceOf(leaf)).toBe(BASE);
  });

  it('are told where a task may have taken one out of the scope', async () => {
    const parent = await shell();
    const setting = settingFor(`tree:${parent.pid}`);
    await setting.set(7_000_000);
    // Its parent ends at once, so that nothing leads from the tree to it.
    const [middle, stray] = (await parent.ask('sh -c "setsid sleep 600 >/dev/null & echo \\$\\$ \\$!"'))
      .split(' ')
      .map(Number) as [number, number];
    await expect.poll(() => native().readSched(middle).code).toBe('ESRCH');
    endLater(stray);
    await expect.poll(() => sliceOf(stray)).toBe(7_000_000);
    await setting.restore();
    expect(sliceOf(stray)).toBe(7_000_000);
    expect(setting.remarks()).toEqual([
      `1 task started meanwhile may have inherited a slice and left the scope: ${stray}`,
    ]);
  });
});
