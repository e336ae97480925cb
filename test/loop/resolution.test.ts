import { expect, it } from 'vitest';
import { objectiveOf } from '../../src/loop/objective.js';
import { verdictOf } from '../../src/loop/verdict.js';
import { cellStart } from '../../src/telemetry/histogram.js';
import { SYSTEM_METRICS } from '../../src/workloads/common.js';
import { workloadByName } from '../../src/workloads/index.js';

const mixed = workloadByName('mixed');
const workload = { ...mixed, metrics: { ...SYSTEM_METRICS, ...mixed.metrics } };
const values = { base_slice_ns: 1e6 };
const measurement = { metrics: {}, distributions: {}, knobs: {}, windowNs: 1e9 };

/** The verdict on a run whose referee saw `before` under the default and `after` under the best. */
function verdict(metric: string, before: number, after: number, searched = after) {
  const objective = objectiveOf(workload, metric);
  const cycle = { reason: '', note: '', measurement: null, wallMs: 0 };
  return verdictOf({
    objective,
    before,
    cycles: [
      { ...cycle, cycle: 0, values: { base_slice_ns: 3e6 }, objective: before, outcome: 'default' },
      { ...cycle, cycle: 1, values, objective: searched, outcome: 'kept' },
    ],
    best: { cycle: 1, values, objective: searched },
    referee: {
      default: { values: { base_slice_ns: 3e6 }, objective: before, measurement },
      best: { values, objective: after, measurement },
      gain: (before - after) / before,
      breaches: [],
    },
    ...{ interrupted: false, lost: null, confirmed: true },
  });
}

/** What a percentile in a histogram's cell is reported as, ns. */
const middle = (cell: number): number => (cellStart(cell) + cellStart(cell + 1)) / 2;
const CELLS = Array.from({ length: 400 }, (_, i) => 16 + i);

it('one step of a histogram is no gain, wherever in it', () => {
  for (const cell of CELLS) {
    const { accepted, text } = verdict('runq_latency_p99_ns', middle(cell + 1), middle(cell));
    expect(text).toMatch(/^keep the default/);
    expect(accepted).toBe(false);
  }
});

it('three steps are', () => {
  for (const cell of CELLS)
    expect(verdict('runq_latency_p99_ns', middle(cell + 3), middle(cell)).accepted).toBe(true);
});

it('a percentile of raw samples gains by less', () => {
  expect(verdict('wakeup_p99_ns', 1e6, 9.5e5)).toMatchObject({ accepted: true });
  expect(verdict('wakeup_p99_ns', 1e6, 9.95e5)).toMatchObject({ accepted: false });
});

it('says why the referee did not confirm it', () => {
  const { text } = verdict('runq_latency_p99_ns', middle(101), middle(100), middle(90));
  expect(text).toContain('the referee did not confirm it');
  expect(text).toContain('no more than a step of its histogram)');
});
