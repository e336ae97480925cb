import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cgroupTasks, findCgroup, sharesOf, weightFrom } from '../../src/host/cgroup.js';
import { offer } from '../../src/host/offer.js';
import { parseScope } from '../../src/host/scope.js';
import type { Setting } from '../../src/host/setting.js';
import { threadsOf } from '../../src/host/tasks.js';
import { enter, group, legacy, unified } from './cgroups.js';
import { tree } from './fixture.js';
import { BASE, HAS_SLICES, IS_ROOT, shell, sliceOf, threaded } from './processes.js';
import { Steps, slicesFor } from './steps.js';

function weightOf(path: string): Steps {
  const { settings, refused } = offer('eevdf', parseScope(`cgroup:${path}`));
  const found = settings.find(({ knob }) => knob === 'cpu_weight');
  if (!found) throw new Error(refused.find(({ knob }) => knob === 'cpu_weight')?.why);
  return new Steps<Setting>(found, parseScope(`cgroup:${path}`), { dir: tree() });
}

describe.skipIf(!IS_ROOT || legacy === undefined)('a cgroup of version 1', () => {
  it('has the threads in it and in those below', async () => {
    const { path, dir, inner } = group(legacy as string);
    const [program, child] = [await threaded(), await shell()];
    enter(dir, program.pid);
    enter(inner, child.pid);
    const cgroup = findCgroup(path);
    expect(cgroup).toMatchObject({ version: 1, path, weight: { file: join(dir, 'cpu.shares') } });
    expect(new Set(cgroupTasks(cgroup))).toEqual(new Set([...threadsOf(program.pid), child.pid]));
  });

  it('takes a weight as shares, and gets exactly its former shares back', async () => {
    const { path, dir } = group(legacy as string);
    const shares = () => readFileSync(join(dir, 'cpu.shares'), 'utf8').trim();
    // 2000 shares are no whole weight: 195.3.
    writeFileSync(join(dir, 'cpu.shares'), '2000');
    const weight = weightOf(path);
    expect(weight.before).toBe(195);
    await weight.set(10_000);
    expect([shares(), weight.read()]).toEqual(['102400', 10_000]);
    await weight.set(1);
    expect([shares(), weight.read()]).toEqual(['10', 1]);
    await weight.restore();
    expect([shares(), weight.remarks()]).toEqual(['2000', []]);
  });

  it('that is removed meanwhile is told, not an error, when it is to be put back', async () => {
    const path = `/tunesmith-test-${process.pid}-gone`;
    const dir = join(legacy as string, path);
    mkdirSync(dir);
    const weight = weightOf(path);
    await weight.set(500);
    rmdirSync(dir);
    await expect(weight.set(400)).rejects.toThrow('is gone');
    await weight.restore();
    expect(weight.remarks()[0]).toContain('cpu.shares) is gone');
    expect(existsSync(dir)).toBe(false);
    expect(cgroupTasks({ dir, version: 1 })).toEqual([]);
  });

  it.skipIf(!HAS_SLICES)(
    'gives its tasks slices, also those that join later, and takes them back',
    async () => {
      const { path, dir } = group(legacy as string);
      const [first, later, outside] = [await shell(), await shell(), await shell()];
      enter(dir, first.pid);
      const setting = slicesFor(parseScope(`cgroup:${path}`));
      await setting.set(17_000_000);
      enter(dir, later.pid);
      expect([first, later, outside].map(({ pid }) => sliceOf(pid))).toEqual([17_000_000, BASE, BASE]);
      await setting.set(18_000_000);
      expect([first, later, outside].map(({ pid }) => sliceOf(pid))).toEqual([18_000_000, 18_000_000, BASE]);
      // What leaves the group gets its slice back with the step in which it was there.
      enter(legacy as string, later.pid);
      await setting.set(19_000_000);
      expect([first, later].map(({ pid }) => sliceOf(pid))).toEqual([19_000_000, BASE]);
      await setting.restore();
      expect([first, later, outside].map(({ pid }) => sliceOf(pid))).toEqual([BASE, BASE, BASE]);
    },
  );

  it('at the root has nothing to weigh against', () => {
    expect(findCgroup('/').weight).toEqual({ why: 'the root cgroup has no siblings to weigh against' });
  });
});

describe.skipIf(!IS_ROOT || unified === undefined)('a cgroup of version 2', () => {
  it('has the threads in it and in those below; its weight, if the cpu controller is there', async () => {
    const { path, dir, inner } = group(unified as string);
    const [program, child] = [await threaded(), await shell()];
    enter(dir, program.pid);
    enter(inner, child.pid);
    const cgroup = findCgroup(path);
    expect(cgroup).toMatchObject({ version: 2, path, dir });
    expect(new Set(cgroupTasks(cgroup))).toEqual(new Set([...threadsOf(program.pid), child.pid]));
    const file = join(dir, 'cpu.weight');
    if (existsSync(file)) expect(cgroup.weight).toEqual({ file });
    else
      expect(cgroup.weight).toEqual({
        why: `${file} is not there: the cpu controller is not enabled for this cgroup’s parent`,
      });
  });
});

describe('weights and shares', () => {
  it.each([
    [1, 10],
    [100, 1024],
    [10_000, 102_400],
  ])('weight %d is %d shares', (weight, shares) => {
    expect([sharesOf(weight), weightFrom(shares)]).toEqual([shares, weight]);
  });

  it('beyond the other’s range are held to it', () => {
    expect([weightFrom(2), weightFrom(262_144)]).toEqual([1, 10_000]);
  });
});
