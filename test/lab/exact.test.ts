import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Lab } from '../../src/lab/lab.js';
import { type PreparedTrial, prepareTrial } from '../../src/lab/prepare.js';
import { stepRequest } from '../../src/lab/step.js';
import { LabTarget } from '../../src/lab/target.js';
import { measureReply, type TrialResult, type TrialSpec } from '../../src/lab/trial.js';
import { countReply } from './count.js';
import { filesIn, scratchCache } from './scratch.js';

const cache = scratchCache();
const BOOT = { timeout: 900_000 };
let lab: Lab;
let trial: PreparedTrial;
let spec: TrialSpec;

beforeAll(async () => {
  lab = new Lab();
  trial = await prepareTrial(lab, { kernel: 'eevdf', workload: 'mixed', cpus: 2, seed: 1, windowNs: 1e8 });
  spec = { ...trial.spec, knobs: trial.defaults };
}, BOOT.timeout);
afterAll(() => lab.close());

/** What makes two runs the same run: all but how long it took and where it came from. */
const facts = ({ cached: _, wallMs: __, ...rest }: TrialResult) => rest;

/** A session of three steps, each under knobs and a seed of its own: everything the guest said. */
async function session(): Promise<unknown[]> {
  const guest = await lab.enter(spec, trial.files, 'search');
  try {
    const said: unknown[] = [guest.tsc()];
    for (const [seed, slice] of [300_000, 20_000_000, 3_000_000].entries()) {
      const knobs = { ...trial.defaults, base_slice_ns: slice };
      said.push(await guest.step(stepRequest({ ...spec, knobs, seed })), guest.tsc());
    }
    return said;
  } finally {
    await lab.leave(guest);
  }
}

describe('on two CPUs', BOOT, () => {
  it('restored sessions of closed-loop steps are identical, to the last figure', async () => {
    const [one, two] = await Promise.all([session(), session()]);
    expect(two).toEqual(one);
    const steps = [1, 3, 5].map((i) => measureReply.parse(one[i]));
    expect(steps.map(({ knobs }) => knobs.base_slice_ns)).toEqual([300_000, 20_000_000, 3_000_000]);
    const p99 = steps.map(({ metrics }) => metrics.wakeup_p99_ns);
    expect(new Set(p99).size).toBe(3);
  });

  it('referee trials are identical, and another seed gives others', async () => {
    const labs = [new Lab({ fresh: true }), new Lab({ fresh: true })];
    try {
      const [one, two] = (await Promise.all(
        labs.map((other) => other.trial(spec, trial.files, 'referee')),
      )) as [TrialResult, TrialResult];
      expect([one.cached, two.cached]).toEqual([false, false]);
      expect(facts(two)).toEqual(facts(one));
      expect(Object.keys(one.metrics).length).toBeGreaterThan(10);
      const other = await lab.trial({ ...spec, seed: 2 }, trial.files, 'search');
      expect(other.metrics.wakeup_mean_ns).not.toBe(one.metrics.wakeup_mean_ns);
    } finally {
      await Promise.all(labs.map((other) => other.close()));
    }
  });
});

describe('a trial', BOOT, () => {
  /** With these nothing can boot: who answers has not tried. */
  const noFiles = { qemu: '/nowhere/qemu', kernel: '/nowhere/kernel', image: '/nowhere/image' };
  const fresh = async <T>(work: (other: Lab) => Promise<T>): Promise<T> => {
    const other = new Lab({ fresh: true });
    try {
      return await work(other);
    } finally {
      await other.close();
    }
  };

  it('is answered from the cache without a boot, and measured again when asked', async () => {
    const first = await lab.trial(spec, trial.files, 'search');
    const again = await lab.trial(spec, noFiles, 'search');
    expect(again).toEqual({ ...first, cached: true });
    await expect(fresh((other) => other.trial(spec, noFiles, 'search'))).rejects.toMatchObject({
      code: 'incapable',
    });
    const measured = await fresh((other) => other.trial(spec, trial.files, 'search'));
    expect(measured.cached).toBe(false);
    expect(facts(measured)).toEqual(facts(first));
  });

  it('that is asked for twice at once is measured once', async () => {
    const twice = { ...spec, seed: 3 };
    const [one, two] = await fresh((other) =>
      Promise.all([other.trial(twice, trial.files, 'search'), other.trial(twice, trial.files, 'search')]),
    );
    expect(two).toBe(one);
  });

  it('leaves a failure to be tried again', async () => {
    const failing = { ...spec, seed: 4 };
    await expect(lab.trial(failing, noFiles, 'search')).rejects.toMatchObject({ code: 'incapable' });
    expect((await lab.trial(failing, trial.files, 'search')).cached).toBe(false);
  });
});

it('without a PMU the kernel’s own events are counted, and said to be', BOOT, async () => {
  const request = { op: 'count', tasks: 2, instructions: 1e6 };
  const { pmcs, refusal, tasks, metrics } = countReply.parse(await lab.ask(spec, trial.files, request));
  expect(pmcs).toEqual(['cpu-clock', 'page-faults', 'major-faults']);
  expect(refusal).toMatch(/^this CPU shows no performance counters/);
  for (const { counted } of tasks) expect(Object.keys(counted).sort()).toEqual([...pmcs].sort());
  expect(metrics).toHaveProperty('runq_latency_p99_ns');
  expect(Object.keys(metrics).filter((name) => /ipc|cycles|instructions/.test(name))).toEqual([]);
});

describe('the lab as a target', BOOT, () => {
  it('knows itself and the kernel’s defaults, and applies whole sets of values', async () => {
    const target = new LabTarget(lab, trial);
    expect(target).toMatchObject({
      cpus: 2,
      scheduler: 'eevdf',
      name: expect.stringMatching(/^lab, Linux 6\.18\..*, 2 CPUs$/),
    });
    const own = await target.defaults();
    expect(Object.keys(own).sort()).toEqual(['base_slice_ns', 'migration_cost_ns', 'nr_migrate']);
    await target.apply({ base_slice_ns: 5_000_000, nr_migrate: 8 });
    expect((await target.measure('search')).knobs).toEqual({
      ...own,
      base_slice_ns: 5_000_000,
      nr_migrate: 8,
    });
    await target.apply({ base_slice_ns: 6_000_000 });
    expect((await target.measure('search')).knobs).toEqual({ ...own, base_slice_ns: 6_000_000 });
    await target.close();
    expect((await target.measure('search')).knobs).toEqual(own);
  });
});

describe('a session', BOOT, () => {
  it('survives a request the agent cannot serve', async () => {
    const guest = await lab.enter(spec, trial.files, 'search');
    try {
      for (const [request, words] of [
        [{ op: 'dance' }, /^the guest’s agent: unknown op dance$/],
        [{ ...stepRequest(spec), params: {} }, /^the guest’s agent: .*hogs/],
        [{ ...stepRequest(spec), knobs: [{ name: 'x', path: 'sched/none', value: 1 }] }, /sched\/none/],
        [{ op: 'export', paths: ['/nowhere'] }, /nowhere/],
      ] as const)
        await expect(guest.step(request)).rejects.toMatchObject({
          code: 'guest',
          message: expect.stringMatching(words),
        });
      expect(measureReply.parse(await guest.step(stepRequest(spec))).metrics.wakeup_samples).toBeGreaterThan(
        50,
      );
    } finally {
      await lab.leave(guest);
    }
  });

  it('that is over leaves no process and no file', async () => {
    const guest = await lab.enter(spec, trial.files, 'search');
    const { pid } = guest.machine;
    expect(readdirSync('/proc')).toContain(String(pid));
    await Promise.all([lab.leave(guest), guest.close()]);
    expect(readdirSync('/proc')).not.toContain(String(pid));
    expect(filesIn(join(cache, 'run'))).toEqual([]);
    await expect(guest.step(stepRequest(spec))).rejects.toMatchObject({
      code: 'machine',
      message: 'the lab guest failed before its next step: QEMU was ended by SIGKILL',
    });
  });
});
