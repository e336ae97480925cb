import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import type { Judged } from '../../src/change/types.js';
import { judged } from '../../src/change/watch.js';
import { findKnob } from '../../src/knobs/catalogue.js';
import { Ledger } from '../../src/ledger/ledger.js';
import { readLedger } from '../../src/ledger/read.js';
import type { LedgerRecord } from '../../src/ledger/record.js';
import { accountIn } from '../../src/loop/account.js';
import { replayLedger } from '../../src/loop/replay.js';
import { tune } from '../../src/loop/tune.js';
import { makeTuner } from '../../src/tuners/index.js';
import { workloadByName } from '../../src/workloads/index.js';
import { SyntheticTarget } from './synthetic.js';

/** A run of the loop on a formula, recorded. */
async function recordedRun(tuner: string): Promise<LedgerRecord[]> {
  const dir = mkdtempSync(join(tmpdir(), 'tunesmith-replay-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  using ledger = new Ledger({ dir });
  const workload = workloadByName('wakeup');
  const target = new SyntheticTarget((values) => ({
    ...Object.fromEntries(Object.keys(workload.metrics).map((name) => [name, 1])),
    [workload.objective]: Math.abs((values.latency_ns ?? 0) - 5e6) + (values.min_granularity_ns ?? 0) / 10,
    throughput_per_s: 1000 - (values.min_granularity_ns ?? 0) / 1e5,
  }));
  const options = {
    ...{ target, workload, tuner: makeTuner(tuner, {}), cycles: 8, seed: 3 },
    knobs: ['latency_ns', 'min_granularity_ns'].map((name) => findKnob(name, 'cfs')),
  };
  await tune(await accountIn(ledger, 'test')(options, {}));
  return readLedger(dir);
}

it.each(['expert', 'random', 'grid'])('a run of %s comes out the same from its record', async (tuner) => {
  const records = await recordedRun(tuner);
  const cycles = records.filter(({ kind }) => kind === 'cycle').length;
  expect(cycles).toBeGreaterThan(2);
  expect(await replayLedger(records)).toEqual({ decisions: cycles, runs: 1, first: null });
});

it('shows the first decision that comes out otherwise', async () => {
  const records = await recordedRun('expert');
  const at = records.findIndex(({ kind, epoch }) => kind === 'cycle' && epoch === 3);
  const cycle = records[at] as LedgerRecord;
  const changed = records.with(at, { ...cycle, decision: 'breach' });
  const { first } = await replayLedger(changed);
  expect(first).toMatchObject({
    seq: cycle.seq,
    recorded: { outcome: 'breach' },
    replayed: { outcome: cycle.decision },
  });
  const measured = records.findIndex(({ kind, epoch }) => kind === 'measurement' && epoch === 2);
  const other = records.with(measured, { ...(records[measured] as LedgerRecord), metrics: {} });
  expect((await replayLedger(other)).first?.what).toContain('cycle 2 of run');
});

it('judges breaches again', async () => {
  const guardrails: Judged['guardrails'] = [
    { metric: 'runq_latency_p99_ns', rule: 'at most × default', value: 2, why: 'slo' },
  ];
  const metrics = { runq_latency_p99_ns: 9e6 };
  const baseline = { runq_latency_p99_ns: 1e6 };
  const { breaches } = judged(guardrails, metrics, baseline);
  expect(breaches).toEqual(['runq_latency_p99_ns 9 ms is above 2 × the default’s, 2 ms (slo)']);
  const record = (details: object) =>
    ({
      seq: 7,
      kind: 'change',
      decision: 'reverted',
      details: { judged: details },
    }) as unknown as LedgerRecord;
  expect(await replayLedger([record({ guardrails, metrics, baseline, breaches })])).toMatchObject({
    decisions: 1,
    first: null,
  });
  const lied = record({ guardrails, metrics: { runq_latency_p99_ns: 1e6 }, baseline, breaches });
  expect((await replayLedger([lied])).first).toMatchObject({ seq: 7, replayed: [] });
});
