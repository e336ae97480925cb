import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { presentLoad as changed } from '../../../src/tuners/change-point.js';
import type { HistoryPolicy } from '../../../src/tuners/llm/history.js';
import { isProxy } from '../../../src/tuners/proxy.js';
import { workloadByName } from '../../../src/workloads/index.js';
import type { Metrics } from '../../../src/workloads/types.js';
import type { Response } from '../../loop/synthetic.js';
import { twoKnobs } from '../case.js';
import { type Mind, type Minded, minded, modelAt, reply, tuned } from './minded.js';

const given = { ...process.env };
beforeEach(() => {
  process.env.TEST_MODEL_KEY = 'tunesmith-test-secret-0123456789';
});
let at: Minded;
afterEach(async () => {
  process.env = { ...given };
  await at.server.close();
});

const POLICIES: HistoryPolicy[] = [{ kind: 'summary' }, { kind: 'full' }, { kind: 'cap', windows: 3 }];
const CYCLES = 24;
const STEP = 12;
/** Each of 23 settings once; the lowest in window 9, so that a stall comes after a change of the load. */
const FLOORS = Array.from({ length: CYCLES - 1 }, (_, i) => 2e5 + ((i * 7 + 13) % 23) * 1e5);

/** What the models are told, in order and by tier, when this is what p99 and its relatives do; `objective` is tuned. */
async function prompts(
  policy: HistoryPolicy,
  hidden: (window: number) => Metrics,
  objective: string,
): Promise<string[]> {
  const asked: string[] = [];
  // Every window asks for everything there is to see.
  const mind =
    (tier: string): Mind =>
    (prompt) =>
      reply(12e6, FLOORS[Math.floor((asked.push(`${tier}: ${prompt}`) - 1) / 3)], {
        observe: prompt.includes('Now choose.') ? 'ranking' : 'figures',
      });
  at = await minded(mind('small'));
  const large = await minded(mind('large'));
  const response: Response = ({ min_granularity_ns: floor = 0 }, _, window) => ({
    runq_waiting: 3 + (window % 2) / 10,
    ...hidden(window),
    runq_latency_p99_ns: 1e6 + 2 * floor,
    ipc: 1 + 1e5 / floor,
    switches_per_s: 1e9 / floor,
    fairness_jain: 0.9,
  });
  const pgbench = { ...workloadByName('pgbench'), guardrails: [] };
  const options = { history: policy, large: modelAt(large), changed };
  await tuned(at, options, { response, workload: pgbench, objective, cycles: CYCLES });
  await at.server.close();
  await large.server.close();
  return asked;
}

/** A rate that falls to a third and stays there: a change of the load to whoever may see it. */
const stepped = (window: number) => ({ txn_p99_ns: 5e7, throughput_per_s: window < STEP ? 700 : 233 });

describe.each(POLICIES)('with $kind history, where a proxy is tuned', (policy) => {
  it.each(['runq_latency_p99_ns', 'runq_waiting'])(
    'nothing of the hidden objective reaches a prompt or chooses the model (%s)',
    async (objective) => {
      const rising = (window: number) => ({
        txn_p99_ns: 40e6 + window * 1e6,
        txn_mean_ns: 1e7 + window,
        throughput_per_s: 700 + (window % 3),
      });
      const falling = (window: number) => ({
        ...stepped(window),
        txn_p99_ns: 90e6 - window * 3e6,
        txn_p50_ns: 1e7 - window,
      });
      const [one, other] = [
        await prompts(policy, rising, objective),
        await prompts(policy, falling, objective),
      ];
      expect(one.length).toBe(3 * (CYCLES - 1));
      // The same to the byte whatever the hidden figures do: neither values nor their order can be in there.
      expect(other).toEqual(one);
      expect(one.join()).not.toMatch(/txn_|throughput|The load changed/);
      expect(one.at(-1)).toContain('figures');
      // Both tiers have been asked: the larger one after a stall.
      expect(new Set(one.map((prompt) => prompt.slice(0, 5)))).toEqual(new Set(['small', 'large']));
    },
  );

  it('and what is tuned does reach it', async () => {
    const still = () => ({ txn_p99_ns: 5e7 });
    const one = await prompts(policy, still, 'runq_latency_p99_ns');
    const other = await prompts(policy, still, 'switches_per_s').catch(() => null);
    expect(other).toBeNull(); // it has no better direction
    expect(one.join()).toContain('runq_latency_p99_ns as low as possible');
    expect(one.join()).toMatch(/→ 2\.\d+ ms/);
  });
});

it.each([
  ['the rate, where the application’s own figure is tuned', 'txn_p99_ns', stepped],
  [
    'the kernel’s counts, where a proxy is tuned',
    'runq_latency_p99_ns',
    (window: number) => ({ ...stepped(0), runq_waiting: window < STEP ? 3 : 9 }),
  ],
])('a change of the load shows by %s, and calls the larger model', async (_, objective, hidden) => {
  const asked = await prompts({ kind: 'summary' }, hidden, objective);
  const first = asked.findIndex((prompt) => prompt.includes(`The load changed at window ${STEP}`));
  expect(first).toBeGreaterThan(3 * STEP);
  expect(asked[first]).toMatch(/^large: /);
});

it('a breach’s note, which names figures, is kept back as well', async () => {
  at = await minded((_, nth) => reply(12e6, [9e5, 5e5, 3e5, 7e5, 2.5e5][nth]));
  const response: Response = ({ min_granularity_ns: floor = 0 }) => ({
    txn_p99_ns: 4.4444e7,
    runq_latency_p99_ns: 1e6 + floor,
    throughput_per_s: floor < 4e5 ? 111 : 777,
  });
  const pgbench = workloadByName('pgbench');
  const proxy = { response, workload: pgbench, objective: 'runq_latency_p99_ns', cycles: 6 };
  const { outcome } = await tuned(at, { observers: [] }, proxy);
  expect(outcome.cycles[3]).toMatchObject({
    outcome: 'breach',
    note: expect.stringContaining('throughput_per_s'),
  });
  const said = at.prompts.join();
  expect(said).toContain('breached a guardrail');
  expect(said).not.toMatch(/throughput|111|777/);
});

it('a workload nobody here knows counts as one whose figures are hidden', () => {
  expect(isProxy(twoKnobs)).toBe(false);
  expect(isProxy({ ...twoKnobs, workload: 'constructor' })).toBe(true);
  expect(isProxy({ ...twoKnobs, objective: { ...twoKnobs.objective, metric: 'ipc' } })).toBe(true);
});
