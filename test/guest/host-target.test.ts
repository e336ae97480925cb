/** The host target where this machine may lack something: debugfs that can be written, cgroups of version 2, CFS. */
import { describe, expect, it } from 'vitest';
import { resultSchema } from '../../src/loop/result.js';
import { tunesmith, useGuest } from './guest.js';

const SHORT = ['--workload', 'mixed', '--window', '100ms', '--warmup', '10ms', '--no-referee', '--json'];

describe('in a guest with EEVDF', () => {
  const guest = useGuest({ kernel: 'scx', cpus: 2 });
  const sh = async (script: string) => (await guest().exec(['sh', '-c', script])).stdout.trim();

  it('tunes the kernel’s knobs and a cgroup’s weight, and puts them back', async () => {
    await sh(`cd /sys/fs/cgroup && echo +cpu > cgroup.subtree_control && mkdir a && echo 77 > a/cpu.weight
      sleep 600 > /dev/null 2>&1 & echo $! > /sys/fs/cgroup/a/cgroup.procs`);
    const state = () => sh('cat /sys/kernel/debug/sched/base_slice_ns /sys/fs/cgroup/a/cpu.weight');
    const before = await state();
    const done = await tunesmith(
      guest(),
      ...['tune', '--target', 'host', '--scope', 'cgroup:/a', '--cycles', '4'],
      ...['--tune', 'base_slice_ns,slice_ns,cpu_weight', ...SHORT],
    );
    expect(done).toMatchObject({ status: 0 });
    const result = resultSchema.parse(JSON.parse(done.stdout));
    expect(result.cycles[0]?.values).toMatchObject({ cpu_weight: 77 });
    expect(result.cycles).toHaveLength(4);
    for (const { values, measurement } of result.cycles) expect(measurement?.knobs).toMatchObject(values);
    expect(new Set(result.cycles.map(({ values }) => values.base_slice_ns)).size).toBeGreaterThan(1);
    expect(await state()).toBe(before);
  });

  it('counts run-queue waiting where the kernel does', async () => {
    const done = await tunesmith(guest(), 'tune', '--target', 'host', '--cycles', '1', ...SHORT);
    const result = resultSchema.parse(JSON.parse(done.stdout));
    const has = (await sh('test -e /proc/schedstat && echo yes')) === 'yes';
    expect('runq_waiting' in (result.cycles[0]?.measurement?.metrics ?? {})).toBe(has);
  });
});

describe('in a guest with CFS', () => {
  const guest = useGuest({ kernel: 'cfs', cpus: 1 });

  it('tunes CFS’s knobs', async () => {
    const done = await tunesmith(
      guest(),
      ...['tune', '--target', 'host', '--tune', 'latency_ns,min_granularity_ns', '--cycles', '2', ...SHORT],
    );
    expect(done).toMatchObject({ status: 0 });
    const result = resultSchema.parse(JSON.parse(done.stdout));
    expect(result.target).toMatchObject({ kind: 'host', scheduler: 'cfs' });
    for (const { values, measurement } of result.cycles) expect(measurement?.knobs).toMatchObject(values);
  });

  it('has no slices of tasks, and says what there is', async () => {
    const done = await tunesmith(guest(), 'tune', '--target', 'host', '--tune', 'slice_ns', ...SHORT);
    expect(done.status).toBe(2);
    expect(done.stdout).toContain('this kernel schedules with CFS');
  });
});
