/** A workload that dies in a real guest (PostgreSQL there takes 64 clients), and a real guest that does not get done. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Target } from '../../src/change/target.js';
import { TunesmithError } from '../../src/errors.js';
import { findKnob } from '../../src/knobs/catalogue.js';
import { Lab } from '../../src/lab/lab.js';
import { type PreparedTrial, prepareTrial } from '../../src/lab/prepare.js';
import { stepRequest } from '../../src/lab/step.js';
import { LabTarget } from '../../src/lab/target.js';
import { measureReply, toMeasurement } from '../../src/lab/trial.js';
import { tune } from '../../src/loop/tune.js';
import { WorkloadDied } from '../../src/workloads/died.js';
import { scratchCache } from '../lab/scratch.js';
import { scripted } from './scripted.js';

scratchCache();
const BOOT = { timeout: 900_000 };
let lab: Lab;
let trial: PreparedTrial;

beforeAll(async () => {
  lab = new Lab({ machines: 1 });
  const request = { kernel: 'eevdf', workload: 'pgbench', cpus: 1, seed: 1, windowNs: 2e8, warmupNs: 1e8 };
  trial = await prepareTrial(lab, { ...request, parameters: { clients: 2, threads: 1, scale: 1 } });
}, BOOT.timeout);
afterAll(() => lab.close());

const ask = (clients: number, knobs = trial.defaults) => {
  const parameters = { ...trial.spec.parameters, clients };
  return lab.ask(trial.spec, trial.files, stepRequest({ ...trial.spec, knobs, parameters }));
};

describe('pgbench with more clients than its server takes', BOOT, () => {
  it('is a window without a figure, and tuning goes on', async () => {
    const lives = new LabTarget(lab, trial);
    let window = 0;
    const target: Target = {
      ...{ name: lives.name, scheduler: lives.scheduler, cpus: lives.cpus },
      defaults: () => lives.defaults(),
      apply: (values) => lives.apply(values),
      close: () => lives.close(),
      measure: async (rigour) =>
        window++ === 1 ? toMeasurement(measureReply.parse(await ask(100))) : lives.measure(rigour),
    };
    const { cycles } = await tune({
      ...{ target, workload: trial.workload, knobs: [findKnob('base_slice_ns', 'eevdf')] },
      ...{ tuner: scripted({ base_slice_ns: 1e6 }, { base_slice_ns: 6e6 }), cycles: 3, seed: 1 },
    });
    const [before, died, after] = cycles;
    expect(died?.objective).toBeNull();
    expect(died?.note).toMatch(/^the workload died: the guest’s agent: .*pgbench.*too many clients/s);
    for (const lived of [before, after]) {
      expect(lived?.objective).toBeGreaterThan(0);
      const { first, last } = lived?.measurement?.inForce ?? {};
      expect([first, last]).toEqual([expect.stringMatching(/^[0-9a-f]{16}$/), first]);
    }
    expect(after?.measurement?.inForce).not.toEqual(before?.measurement?.inForce);
  });

  it('is told from a guest that used up its CPU time, whose setting is rejected; tuning goes on', async () => {
    const impatient = new Lab({ machines: 1, stepLimitMs: 5 });
    const [lives, hangs] = [new LabTarget(lab, trial), new LabTarget(impatient, trial)];
    let window = 0;
    const target: Target = {
      ...{ name: lives.name, scheduler: lives.scheduler, cpus: lives.cpus },
      defaults: () => lives.defaults(),
      apply: async (values) => {
        for (const one of [lives, hangs]) await one.apply(values);
      },
      close: () => lives.close(),
      measure: (rigour) => (window++ === 1 ? hangs : lives).measure(rigour),
    };
    try {
      const { cycles } = await tune({
        ...{ target, workload: trial.workload, knobs: [findKnob('base_slice_ns', 'eevdf')] },
        ...{ tuner: scripted({ base_slice_ns: 3e6 }, { base_slice_ns: 6e6 }), cycles: 3, seed: 1 },
      });
      expect(cycles[1]).toMatchObject({ outcome: 'breach', objective: null });
      expect(cycles[1]?.measurement?.noFigure?.cause).toBe('lost');
      expect(cycles[1]?.note).toMatch(
        /^rejected, and the default is back: the machine was lost: the lab guest hung: /,
      );
      expect(cycles[2]?.objective).toBeGreaterThan(0);
    } finally {
      await impatient.close();
    }
  });

  it('is told from a knob that the guest’s kernel does not take', async () => {
    const refused = await ask(2, { base_slice_ns: -1 }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(TunesmithError);
    expect(refused).not.toBeInstanceOf(WorkloadDied);
    expect(refused).toMatchObject({
      code: 'guest',
      message: expect.stringMatching(/^the guest’s agent: .*base_slice_ns/),
    });
  });
});
