/**
 * What a model can cost in the real lab: the case of `tune --kernel eevdf --workload wakeup`, with short windows. Trials are
 * pure functions and nothing here is damaged, so the machine's own cache serves.
 */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { findKnob } from '../../../src/knobs/catalogue.js';
import { Lab } from '../../../src/lab/lab.js';
import { type PreparedTrial, prepareTrial } from '../../../src/lab/prepare.js';
import { LabTarget } from '../../../src/lab/target.js';
import { tune } from '../../../src/loop/tune.js';
import type { TuneOutcome } from '../../../src/loop/types.js';
import { expert } from '../../../src/tuners/expert.js';
import { modelTuner } from '../../../src/tuners/speculative/with-model.js';
import type { Tuner } from '../../../src/tuners/types.js';
import { formatValue } from '../../../src/units.js';
import { type Mind, type Minded, minded, modelAt } from './minded.js';

const GUEST = { timeout: 1_800_000 };
const CYCLES = 12;
let lab: Lab;
let trial: PreparedTrial;
let alone: TuneOutcome;
let at: Minded | undefined;
const given = { ...process.env };

const run = (tuner: Tuner) => {
  const { workload, spec } = trial;
  const knobs = [findKnob('base_slice_ns', 'eevdf')];
  const load = { parameters: spec.parameters, windowNs: spec.windowNs };
  return tune({ target: new LabTarget(lab, trial), workload, load, knobs, tuner, cycles: CYCLES, seed: 1 });
};
const slice = (base_slice_ns: unknown) =>
  JSON.stringify({ config: { base_slice_ns }, observe: null, analysis: 'x' });

beforeAll(async () => {
  lab = new Lab();
  const request = { kernel: 'eevdf', workload: 'wakeup', cpus: 2, seed: 1, windowNs: 3e8 };
  trial = await prepareTrial(lab, { ...request, parameters: {} });
  alone = await run(expert);
}, GUEST.timeout);
afterAll(() => lab.close());
beforeEach(() => {
  process.env.TEST_MODEL_KEY = 'tunesmith-test-secret-0123456789';
});
afterEach(async () => {
  process.env = { ...given };
  await at?.server.close();
});

describe('tune --tuner llm with the worst of models on wakeup/EEVDF', GUEST, () => {
  it.each([
    ['the default for ever', () => slice(trial.defaults.base_slice_ns)],
    ['one and the same for ever', () => slice(9e7)],
    ['garbage', () => 'The slice should be {shorter'],
    ['out of range', () => slice(1e15)],
    ['huge', () => `{"analysis":"${'1, '.repeat(200_000)}`],
    ['a new poor one each time', (_: string, nth: number) => slice(9e7 - nth * 1e6)],
  ] as const)('%s: the best is no worse than the expert’s', async (_, mind) => {
    at = await minded(mind as Mind);
    const { best } = await run(modelTuner({ model: modelAt(at), rules: expert }));
    expect(best.objective as number).toBeLessThanOrEqual(alone.best.objective as number);
    expect(best.objective as number).toBeLessThan(alone.cycles[0]?.objective as number);
    // What a prompt says of load and samples is what the guest measured.
    expect(at.prompts[0]).toMatch(/messengers 2, workers 8, .* A window is 300 ms\./);
    expect(at.prompts[0]).toMatch(/the default's window has \d+ samples, \d+ of them above it/);
  });

  it('a model may see best and default under another draw of the load, which costs no window', async () => {
    at = await minded((prompt) =>
      prompt.includes('Now choose.')
        ? slice(2e5)
        : JSON.stringify({ config: { base_slice_ns: 2e5 }, observe: 'second_seed' }),
    );
    const target = new LabTarget(lab, trial);
    const tuner = modelTuner({ model: modelAt(at), rules: expert });
    const knobs = [findKnob('base_slice_ns', 'eevdf')];
    const { cycles } = await tune({ target, workload: trial.workload, knobs, tuner, cycles: 2, seed: 1 });
    expect(cycles).toHaveLength(3); // the default’s, the model’s own, which is extra, and the rules’
    const other = await lab.trial(
      { ...trial.spec, knobs: trial.defaults, seed: trial.spec.seed + 1, windows: trial.windows.search },
      trial.files,
      'search',
    );
    const figure = formatValue(other.metrics.wakeup_p99_ns, 'ns');
    expect(figure).not.toBe(formatValue(cycles[0]?.objective, 'ns'));
    expect(at.prompts[1]).toContain(`default, 1.4 ms, under another draw: ${figure}\nNow choose.`);
  });
});
