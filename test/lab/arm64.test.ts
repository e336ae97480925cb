import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isBtf, kernelBtf } from '../../src/lab/kernels/btf.js';
import { Lab } from '../../src/lab/lab.js';
import { type PreparedTrial, prepareTrial } from '../../src/lab/prepare.js';
import { LabTarget } from '../../src/lab/target.js';
import { type TrialResult, trialKey } from '../../src/lab/trial.js';
import { countReply } from './count.js';
import { scratchCache } from './scratch.js';

scratchCache();
const BOOT = { timeout: 900_000 };
const REQUEST = { kernel: 'eevdf', workload: 'mixed', cpus: 2, seed: 1, windowNs: 1e8 } as const;
let lab: Lab;
let trial: PreparedTrial;

beforeAll(async () => {
  lab = new Lab({ fresh: true });
  trial = await prepareTrial(lab, { ...REQUEST, arch: 'arm64' });
}, BOOT.timeout);
afterAll(() => lab.close());

const facts = ({ cached: _, wallMs: __, rigour: ___, ...rest }: TrialResult) => rest;

describe('an arm64 guest', BOOT, () => {
  it('says which kernel and knobs it has, and is another trial than the same on x64', () => {
    expect(trial.kernel.release).toMatch(/^6\.18\..*-cloud-arm64$/);
    expect(Object.keys(trial.defaults).sort()).toEqual(['base_slice_ns', 'migration_cost_ns', 'nr_migrate']);
    const { spec } = trial;
    expect(trialKey({ ...spec, shape: { ...spec.shape, arch: 'x64' } })).not.toBe(trialKey(spec));
  });

  it('gives the same trial twice, by search and by referee, with the knob that was set', async () => {
    const target = new LabTarget(lab, trial);
    await target.apply({ base_slice_ns: 3_000_000 });
    const [one, two] = [await target.measure('search'), await target.measure('referee')];
    expect(facts(two)).toEqual(facts(one));
    expect(one.knobs).toEqual({ ...trial.defaults, base_slice_ns: 3_000_000 });
    expect(one.metrics.wakeup_samples).toBeGreaterThan(50);
    expect(one.metrics.cycles_per_s).toBeGreaterThan(1e9);
    expect(one.metrics).not.toHaveProperty('ipc'); // it cannot be had on two CPUs
  });

  it('counts instructions right, task by task, on its PMU', async () => {
    const spec = { ...trial.spec, shape: { ...trial.spec.shape, cpus: 1 } }; // docs/lab.md says why
    const request = { op: 'count', tasks: 2, instructions: 200e6 };
    const { pmcs, refusal, tasks, metrics } = countReply.parse(await lab.ask(spec, trial.files, request));
    expect([pmcs, refusal]).toEqual([['cycles', 'instructions', 'stalled-cycles-backend'], '']);
    expect(tasks.map(({ instructions }) => instructions)).toEqual([200e6, 400e6]);
    for (const { instructions, counted } of tasks) {
      const off = (counted.instructions ?? 0) / instructions - 1;
      expect(off).toBeGreaterThanOrEqual(0); // what the kernel did for the task is counted too
      expect(off).toBeLessThan(0.01);
    }
    expect(metrics.instructions_per_s).toBeGreaterThan(0);
    expect(metrics.ipc).toBeCloseTo(0.5, 3); // an instruction takes 2 ns, a cycle 1 ns
  });

  it('has types that need no guest to be read', async () => {
    const types = readFileSync(await kernelBtf(trial.kernel));
    expect(isBtf(types)).toBe(true);
    expect(types.includes('\0sched_entity\0')).toBe(true);
  });

  it('has no gates for a session', async () => {
    await expect(lab.enter(trial.spec, trial.files, 'referee')).rejects.toMatchObject({
      code: 'usage',
      message: '--arch: "arm64" has guests of one step only',
    });
  });
});

describe('--arch', () => {
  const asking = (request: object) => prepareTrial(lab, { ...REQUEST, arch: 'arm64', ...request });

  it('must be known', async () => {
    await expect(asking({ arch: 'riscv64' })).rejects.toMatchObject({
      code: 'usage',
      message: '--arch: "riscv64" must be one of x64, arm64',
    });
  });

  it('arm64 runs no programs of this machine', async () => {
    await expect(asking({ workload: 'hackbench' })).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringMatching(/^--workload: "hackbench" runs programs of this machine/),
      hint: 'with --arch arm64 there are wakeup, mixed, stressors, idle',
    });
  });

  it('arm64 boots kernels for it only', async () => {
    const { release, vmlinuz } = trial.kernel;
    await expect(prepareTrial(lab, { ...REQUEST, kernel: release })).rejects.toMatchObject({
      code: 'usage',
      message: `--kernel: "${release}" is not made for x64`,
      hint: 'name it with --arch arm64',
    });
    await expect(prepareTrial(lab, { ...REQUEST, kernel: vmlinuz })).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining('is not a Linux x86 kernel image'),
    });
  });
});
