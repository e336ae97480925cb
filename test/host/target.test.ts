import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parseScope } from '../../src/host/scope.js';
import { HostTarget } from '../../src/host/target.js';
import { native } from '../../src/native.js';
import { SIGNATURE_METRICS } from '../../src/workloads/signature.js';
import { wakeup } from '../../src/workloads/wakeup.js';
import { enter, group, legacy } from './cgroups.js';
import { BASE, HAS_SLICES, IS_ROOT, shell, sliceOf } from './processes.js';

const load = {
  workload: 'wakeup',
  params: { messengers: 1, workers: 2, work_loops: 1000, think_ns: 1_000_000 },
  seed: 1,
  warmupNs: 20_000_000,
  windowNs: 100_000_000,
};

function targetFor(scope: string): HostTarget {
  const target = new HostTarget({ load, scope: parseScope(scope) });
  onTestFinished(() => target.close());
  return target;
}

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

  it('says why a load cannot run', async () => {
    const target = new HostTarget({ load: { ...load, workload: 'no such' }, scope: { kind: 'load' } });
    onTestFinished(() => target.close());
    await expect(target.measure()).rejects.toThrow('the agent has no workload no such');
  });
});
