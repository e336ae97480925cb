/** A workload that dies in a real guest: PostgreSQL there takes 64 clients. */
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
