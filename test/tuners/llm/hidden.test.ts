import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { HistoryPolicy } from '../../../src/tuners/llm/history.js';
import { isProxy } from '../../../src/tuners/llm/visible.js';
import { workloadByName } from '../../../src/workloads/index.js';
import type { Metrics } from '../../../src/workloads/types.js';
import type { Response } from '../../loop/synthetic.js';
import { twoKnobs } from '../case.js';
import { type Minded, minded, reply, tuned } from './minded.js';

vi.setConfig({ testTimeout: 30_000 });
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
const FLOORS = [9e5, 5e5, 3e5, 7e5, 2.5e5, 4e5, 8e5, 2e5, 6e5, 1.1e6, 1.2e6, 1.3e6, 1.4e6];

/** What a model is told when this is what p99 and its relatives do; run-queue latency is tuned. */
async function prompts(
  policy: HistoryPolicy,
  hidden: (window: number) => Metrics,
  objective: string,
): Promise<string[]> {
  // Every window asks for everything there is to see.
  at = await minded((prompt, nth) =>
    reply(12e6, FLOORS[Math.floor(nth / 3)], {
      observe: prompt.includes('Now choose.') ? 'ranking' : 'figures',
    }),
  );
  const response: Response = ({ min_granularity_ns: floor = 0 }, _, window) => ({
    ...hidden(window),
    runq_latency_p99_ns: 1e6 + 2 * floor,
    ipc: 1 + 1e5 / floor,
    switches_per_s: 1e9 / floor,
    fairness_jain: 0.9,
    throughput_per_s: 700,
  });
  const pgbench = { ...workloadByName('pgbench'), guardrails: [] };
  await tuned(at, { history: policy }, { response, workload: pgbench, objective, cycles: 12 });
  await at.server.close();
  return at.prompts;
}

describe.each(POLICIES)('with $kind history, where a proxy is tuned', (policy) => {
  it.each(['runq_latency_p99_ns', 'runq_waiting'])(
    'nothing of the hidden objective reaches a prompt (%s)',
    async (objective) => {
      const rising = (window: number) => ({
        txn_p99_ns: 40e6 + window * 1e6,
        txn_mean_ns: 1e7 + window,
        runq_waiting: 1 + (window % 5),
      });
      const falling = (window: number) => ({
        txn_p99_ns: 90e6 - window * 3e6,
        txn_p50_ns: 1e7 - window,
        runq_waiting: 1 + (window % 5),
      });
      const [one, other] = [
        await prompts(policy, rising, objective),
        await prompts(policy, falling, objective),
      ];
      expect(one.length).toBe(33);
      // The same to the byte whatever the hidden figures do: neither values nor their order can be in there.
      expect(other).toEqual(one);
      expect(one.join()).not.toContain('txn_');
      expect(one.at(-1)).toContain('figures');
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

it('a breach’s note, which names figures, is kept back as well', async () => {
  at = await minded((_, nth) => reply(12e6, FLOORS[nth]));
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
