import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { tune } from '../../../src/loop/tune.js';
import { presentLoad as changed } from '../../../src/tuners/change-point.js';
import { expert } from '../../../src/tuners/expert.js';
import { llm } from '../../../src/tuners/llm.js';
import { workloadByName } from '../../../src/workloads/index.js';
import type { Metrics } from '../../../src/workloads/types.js';
import { better, type Response, SyntheticTarget, workload } from '../../loop/synthetic.js';
import { type Mind, type Minded, minded, modelAt, pair, reply, tuned } from './minded.js';

let at: Minded;
const given = { ...process.env };
beforeEach(() => {
  process.env.TEST_MODEL_KEY = 'tunesmith-test-secret-0123456789';
});
afterEach(async () => {
  process.env = { ...given };
  await at.server.close();
});

const CYCLES = 16;
/** A valley that no end of a range holds, on a machine whose windows of one setting are the same. */
const valley: Response = ({ latency_ns: latency = 0, min_granularity_ns: floor = 0 }) => ({
  txn_p99_ns: 3e7 * (1 + Math.log(latency / 5e6) ** 2 + 2 * Math.log(floor / 6e5) ** 2),
  throughput_per_s: 700,
  fairness_jain: 0.9,
});
const exactly = (response: Response) => Object.assign(new SyntheticTarget(response), { exact: true });
const alone = (response: Response, cycles = CYCLES) =>
  tune({ target: exactly(response), workload, knobs: pair, tuner: expert, cycles, seed: 1 });

async function asked(mind: Mind, response: Response = valley, cycles = CYCLES) {
  at = await minded(mind);
  const tuner = llm({ model: modelAt(at), changed, rules: expert });
  const outcome = await tune({ target: exactly(response), workload, knobs: pair, tuner, cycles, seed: 1 });
  return { outcome, remarks: tuner.remarks?.() ?? [] };
}

const configs = (cycles: readonly { readonly values: unknown }[]) => cycles.map(({ values }) => values);

describe('with the expert’s rules behind it', () => {
  it.each([
    ['always the default', () => reply(12e6, 1.5e6)],
    ['garbage', () => 'as you like {'],
    ['out of range', () => reply(1e15, 1)],
    ['contradictory', () => reply(2e6, 9e6)],
    ['refusals', () => ''],
    ['huge', () => reply(12e6, 1.5e6, { analysis: 'x'.repeat(500_000) })],
    ['failures', (_: string, nth: number) => (nth === 0 ? reply(12e6, 1.5e6) : 503)],
    [
      'the candidate',
      (prompt: string) =>
        /Candidate of an expert's rules: (\{[^}]*\})/.exec(
          prompt.slice(prompt.lastIndexOf('Candidate')),
        )?.[1] ?? '',
    ],
  ])('a model that says %s measures just what they do', async (_, mind) => {
    const { outcome } = await asked(mind as Mind);
    expect(configs(outcome.cycles)).toEqual(configs((await alone(valley)).cycles));
  });

  it.each([
    ['one poor setting for ever', () => reply(9e7, 9e6)],
    ['a new poor one each time', (_: string, nth: number) => reply(9e7 - nth * 1e5, 9e6 - nth * 1e4)],
    ['a better one each time', (_: string, nth: number) => reply(5e6 + nth * 1e5, 6e5)],
    [
      'now a good one, now a poor one',
      (_: string, nth: number) => (nth % 2 ? reply(9e7 - nth * 1e5, 9e6) : reply(6e6 - nth * 1e4, 7e5)),
    ],
  ])(
    'a model that says %s has windows of its own, and the rules measure just what they do',
    async (_, mind) => {
      const { outcome } = await asked(mind as Mind);
      const rules = await alone(valley);
      expect(configs(outcome.cycles.filter(({ extra }) => !extra))).toEqual(configs(rules.cycles));
      expect(outcome.best.objective as number).toBeLessThanOrEqual(rules.best.objective as number);
      const extra = outcome.cycles.filter((cycle) => cycle.extra);
      expect(extra.length).toBeGreaterThan(0);
      expect(extra.length).toBeLessThan(CYCLES);
    },
  );

  it('poor choices of its own are few: the logarithm of the windows', async () => {
    const { outcome, remarks } = await asked((_, nth) => reply(9e7 - nth * 1e5, 9e6 - nth * 1e4), valley, 30);
    expect(remarks.join()).toContain('windows decided by the expert’s rules: ');
    expect(outcome.cycles.filter(({ extra }) => extra).length).toBeLessThanOrEqual(8);
  });

  it('a model that finds better goes on without them, and they have their windows after it', async () => {
    const { outcome, remarks } = await asked((_, nth) => reply(12e6, 1e6 - nth * 5e4), better, 10);
    expect(outcome.cycles.slice(1, 10).map(({ values }) => values.min_granularity_ns)).toEqual(
      Array.from({ length: 9 }, (_, nth) => 1e6 - nth * 5e4),
    );
    expect(outcome.cycles).toHaveLength(19);
    expect(remarks.at(-1)).toContain('its extra windows are used up');
  });

  it('on a host, where every window is time under a setting, there are no extra ones', async () => {
    at = await minded((_, nth) => reply(12e6, 1e6 - nth * 5e4));
    const tuner = llm({ model: modelAt(at), changed, rules: expert });
    const target = new SyntheticTarget(better);
    const { cycles } = await tune({ target, workload, knobs: pair, tuner, cycles: 10, seed: 1 });
    expect(cycles).toHaveLength(10);
    expect(cycles.filter(({ extra }) => extra)).toEqual([]);
  });

  it('what it overruled is measured next unless its choice was the best so far', async () => {
    const { outcome } = await asked((_, nth) => reply(12e6, nth === 0 ? 1e6 : 9e6), better, 5);
    expect(outcome.cycles[1]).toMatchObject({ outcome: 'kept', values: { min_granularity_ns: 1e6 } });
    expect(outcome.cycles[2]?.values.min_granularity_ns).toBe(9e6);
    expect(outcome.cycles[3]?.reason).toMatch(
      /^Measured next, as the model’s own choice was not the best; the rules’ proposal: /,
    );
  });

  it('a known setting goes back once with its figure, then the rules decide, and the record says so', async () => {
    const { outcome, remarks } = await asked(() => reply(12e6, 1.5e6), valley, 4);
    expect(at.prompts[1]).toContain('12 ms, 1.5 ms is known: ');
    expect(at.prompts[1]).toContain('Choose a setting that was not measured yet.');
    expect(outcome.cycles[1]?.reason).toMatch(
      /^The model chose what is known \(12 ms, 1.5 ms is known: [\d.]+ ms, and the same again .*; the rules’ proposal: /,
    );
    // Asked again once; from then on each repetition costs one call.
    expect(at.prompts).toHaveLength(4);
    expect(remarks).toContain('model decisions: 3 for settings that were known');
  });

  it('the candidate, its reason and how to overrule it stand in the prompt', async () => {
    await asked(() => reply(12e6, 1.5e6), valley, 2);
    expect(at.prompts[0]).toMatch(
      /Candidate of an expert's rules: \{"latency_ns":\d+,"min_granularity_ns":\d+\}: .{20,260} Take it, or choose what you expect more of\. Choose the values/,
    );
  });

  it('a model that fails for good does not end the run', async () => {
    const { outcome, remarks } = await asked((_, nth) => (nth === 0 ? reply(12e6, 1.5e6) : 404), valley, 8);
    expect(outcome.cycles).toHaveLength(8);
    expect(remarks.at(-1)).toMatch(/^the model was not asked to the end, the expert’s rules went on: .*404/);
  });

  it.each([401, 404])('but a %i at once is an error: there is something to put right', async (status) => {
    await expect(asked(() => status)).rejects.toThrow(String(status));
  });

  it('a model that is slow from the beginning costs no window', async () => {
    at = await minded(() => null);
    const model = modelAt(at, { run: {}, day: {} }, { timeout: '300ms' });
    const tuner = llm({ model, rules: expert });
    const outcome = await tune({ target: exactly(valley), workload, knobs: pair, tuner, cycles: 8, seed: 1 });
    expect(configs(outcome.cycles)).toEqual(configs((await alone(valley, 8)).cycles));
    expect(at.prompts.length).toBeLessThanOrEqual(4);
    expect(tuner.remarks?.()?.at(-1)).toContain('3 decisions in a row: ');
  });
});

it('without rules a known setting goes back too where windows are exact, and the run ends rather than repeat it', async () => {
  at = await minded(() => reply(12e6, 1.5e6));
  const tuner = llm({ model: modelAt(at) });
  const outcome = await tune({ target: exactly(valley), workload, knobs: pair, tuner, cycles: 8, seed: 1 });
  expect(outcome.cycles).toHaveLength(1);
  expect(tuner.remarks?.().join()).toContain('nothing new from the model: 12 ms, 1.5 ms is known');
});

it('where a proxy is tuned the rules see no more than a prompt may show', async () => {
  const run = async (hidden: (window: number) => Metrics) => {
    const pgbench = { ...workloadByName('pgbench'), guardrails: [] };
    at = await minded((_, nth) => reply(12e6, 3e5 + nth * 1e5));
    const response: Response = ({ min_granularity_ns: floor = 0 }, _, window) => ({
      ...{ runq_waiting: 3, runq_latency_p99_ns: 1e6 + 2 * floor, switches_per_s: 1e9 / floor },
      ...hidden(window),
    });
    const how = { response, workload: pgbench, objective: 'runq_latency_p99_ns', cycles: 12 };
    await tuned(at, { rules: expert, changed }, how);
    const { prompts } = at;
    await at.server.close();
    return prompts;
  };
  const one = await run((window) => ({ txn_p99_ns: 4e7 + window, fairness_jain: 0.3, wakeup_p99_ns: 1e9 }));
  const other = await run((window) => ({
    txn_p99_ns: 9e7 - window,
    fairness_jain: 0.99,
    throughput_per_s: 700 / (1 + window),
  }));
  expect(other).toEqual(one);
  expect(one.join()).toContain('Candidate of an expert');
  expect(one.join()).not.toMatch(/txn_|throughput|fairness is|wake-up p99/);
});
