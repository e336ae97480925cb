import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { sweep } from '../../src/change/deadman.js';
import { changeDir } from '../../src/change/options.js';
import { parseScope } from '../../src/host/scope.js';
import { HostTarget } from '../../src/host/target.js';
import { readTask } from '../../src/host/tasks.js';
import { native } from '../../src/native.js';
import { WorkloadDied } from '../../src/workloads/died.js';
import { SIGNATURE_METRICS } from '../../src/workloads/signature.js';
import { wakeup } from '../../src/workloads/wakeup.js';
import { enter, group, legacy } from './cgroups.js';
import { BASE, HAS_SLICES, IS_ROOT, shell, sliceOf } from './processes.js';
import { scratchState } from './state.js';

scratchState();

const load = {
  workload: 'wakeup',
  params: { messengers: 1, workers: 2, work_loops: 1000, think_ns: 1_000_000 },
  seed: 1,
  warmupNs: 20_000_000,
  windowNs: 100_000_000,
};

function targetFor(scope: string, windowNs = load.windowNs): HostTarget {
  const target = new HostTarget({ load: { ...load, windowNs }, scope: parseScope(scope) });
  onTestFinished(() => target.close());
  return target;
}

/** The process of the load that this one has started; null when there is none. */
const loadPid = (): number | null =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .find((pid) => readTask(pid)?.parent === process.pid && commandOf(pid).includes('tunesmith-agent')) ??
  null;

const commandOf = (pid: number): string => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
};

// The load counts migrations with a perf event of every CPU.
describe.skipIf(!HAS_SLICES || !IS_ROOT)('this machine as a target', () => {
  it('measures its own load: metrics that are described, distributions, the signature, the knobs', async () => {
    const target = targetFor('load');
    expect(target).toMatchObject({ scheduler: 'eevdf', repeats: { default: 5, pairs: 8 } });
    expect(await target.defaults()).toMatchObject({ slice_ns: sliceOf(0) });
    const { metrics, distributions, knobs, windowNs } = await target.measure();
    for (const name of Object.keys(metrics))
      expect({ ...SIGNATURE_METRICS, ...wakeup.metrics }).toHaveProperty(name);
    expect(metrics.wakeup_samples).toBeGreaterThan(10);
    expect(metrics.page_faults_per_s).toBeGreaterThan(0);
    expect(distributions.wakeup?.reduce((sum, [, count]) => sum + count, 0)).toBe(metrics.wakeup_samples);
    expect([knobs.slice_ns, windowNs]).toEqual([sliceOf(0), 100_000_000]);
  });

  it('gives the load its slice and the former one back; nothing else changes', async () => {
    const target = targetFor('load');
    const before = native().readSched(0);
    await target.apply({ slice_ns: 2_500_000 });
    expect((await target.measure()).knobs.slice_ns).toBe(2_500_000);
    expect(native().readSched(0)).toEqual(before);
    await target.apply({});
    expect((await target.measure()).knobs.slice_ns).toBe(before.sliceNs);
  });

  it('gives the tasks of a scope their slices, and takes them back when it is closed', async () => {
    const { pid } = await shell();
    const target = targetFor(`pid:${pid}`);
    await target.apply({ slice_ns: 2_500_000 });
    const { knobs } = await target.measure();
    expect([knobs.slice_ns, sliceOf(pid)]).toEqual([2_500_000, 2_500_000]);
    await target.close();
    expect(sliceOf(pid)).toBe(BASE);
    await target.close();
  });

  it('leaves a task to somebody else who set it in a step, in the next step too', async () => {
    const parent = await shell();
    const [theirs, ours] = [await parent.fork(), await parent.fork()];
    const target = targetFor(`tree:${parent.pid}`);
    const slices = () => [parent.pid, theirs, ours].map(sliceOf);
    await target.apply({ slice_ns: 2_500_000 });
    native().setSlice(theirs, 33_000_000);
    await target.apply({ slice_ns: 3_500_000 });
    expect(slices()).toEqual([3_500_000, 33_000_000, 3_500_000]);
    await target.close();
    expect(slices()).toEqual([BASE, 33_000_000, BASE]);
  });

  it('says that its step was ended by somebody else', async () => {
    const { pid } = await shell();
    const target = targetFor(`pid:${pid}`, 1_000_000_000);
    await target.apply({ slice_ns: 2_500_000 });
    const ended = expect(target.measure()).rejects.toMatchObject({
      code: 'rejected',
      message: expect.stringMatching(/^c\d+, the step that is measured, is (reverted|expired) \(\w+\)$/),
    });
    await expect.poll(loadPid).not.toBeNull();
    expect(sweep('panic', changeDir())).toMatchObject({ done: true });
    await ended;
    expect(sliceOf(pid)).toBe(BASE);
  });

  it.skipIf(legacy === undefined)('takes values that are not named back to what they were', async () => {
    const { path, dir } = group(legacy as string);
    const shares = () => readFileSync(join(dir, 'cpu.shares'), 'utf8').trim();
    const { pid } = await shell();
    enter(dir, pid);
    const target = targetFor(`cgroup:${path}`);
    const defaults = await target.defaults();
    expect(defaults).toMatchObject({ slice_ns: BASE, cpu_weight: 100 });
    await target.apply({ slice_ns: 2_500_000, cpu_weight: 50 });
    expect([sliceOf(pid), shares()]).toEqual([2_500_000, '512']);
    expect((await target.measure()).knobs).toMatchObject({ slice_ns: 2_500_000, cpu_weight: 50 });
    await target.apply({ slice_ns: 3_500_000 });
    expect([sliceOf(pid), shares()]).toEqual([3_500_000, '1024']);
    await target.apply(defaults);
    expect([sliceOf(pid), shares()]).toEqual([BASE, '1024']);
  });

  it.skipIf(legacy === undefined)(
    'ends a run whose knob somebody else changed: its windows say nothing',
    async () => {
      const { path, dir } = group(legacy as string);
      const file = join(dir, 'cpu.shares');
      const { pid } = await shell();
      enter(dir, pid);
      const target = targetFor(`cgroup:${path}`);
      await target.apply({ cpu_weight: 50, slice_ns: 2_500_000 });
      writeFileSync(file, '333');
      await expect(target.measure()).rejects.toMatchObject({ code: 'rejected' });
      await expect(target.apply({ cpu_weight: 60 })).rejects.toThrow('somebody else, from 512 to 333');
      await target.apply({});
      await target.close();
      expect([readFileSync(file, 'utf8'), sliceOf(pid)]).toEqual(['333\n', BASE]);
      expect(target.remarks().filter((text) => text.includes(path))).toHaveLength(1);
    },
  );

  it.skipIf(legacy === undefined)('shows that a knob did not stay what it was in a window', async () => {
    const { path, dir } = group(legacy as string);
    const { pid } = await shell();
    enter(dir, pid);
    const target = targetFor(`cgroup:${path}`, 1_000_000_000);
    const window = target.measure();
    await expect.poll(loadPid).not.toBeNull();
    writeFileSync(join(dir, 'cpu.shares'), '333');
    const mixed = (await window).inForce;
    expect(mixed?.last).not.toBe(mixed?.first);
    const { inForce, knobs } = await target.measure();
    expect(inForce).toEqual({ first: mixed?.last, last: mixed?.last });
    expect(knobs.cpu_weight).toBe(33);
  });

  it('tells a load that was killed from one that cannot run', async () => {
    const window = targetFor('load', 5_000_000_000).measure();
    const ended = expect(window).rejects.toSatisfy(
      (error) => error instanceof WorkloadDied && error.message.startsWith('the load was ended by SIGKILL'),
    );
    await expect.poll(loadPid).not.toBeNull();
    process.kill(loadPid() as number, 'SIGKILL');
    await ended;
  });

  it('says why a load cannot run', async () => {
    const target = new HostTarget({ load: { ...load, workload: 'no such' }, scope: { kind: 'load' } });
    onTestFinished(() => target.close());
    await expect(target.measure()).rejects.toThrow('the agent has no workload no such');
  });
});
