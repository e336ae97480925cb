import type { Entrant, StudyCase } from '../../../src/bench/study/run.js';
import type { StepPhase, SteppedCase } from '../../../src/bench/study/stepped-run.js';
import { positionOf } from '../../../src/knobs/scale.js';
import type { Knob } from '../../../src/knobs/types.js';
import { makeTuner } from '../../../src/tuners/index.js';
import type { Metrics } from '../../../src/workloads/types.js';
import { SyntheticTarget, workload } from '../../loop/synthetic.js';
import { twoKnobs } from '../../tuners/case.js';

export const { knobs } = twoKnobs;
export const places = (values: Readonly<Record<string, number>>) =>
  knobs.map((knob) => positionOf(knob, values[knob.name] as number)) as [number, number];

/** Best at both low; held out, everything is a tenth slower. */
export function metricsAt(values: Readonly<Record<string, number>>, heldOut: boolean): Metrics {
  const [u, v] = places(values);
  const p99 = 40e6 * (1 + u + v) * (heldOut ? 1.1 : 1);
  return { txn_p99_ns: p99, throughput_per_s: 700, fairness_jain: 0.9 };
}

export function caseOf(name: string, metrics = metricsAt): StudyCase & { readonly measured: string[] } {
  const measured: string[] = [];
  const target = async (which: string) =>
    new SyntheticTarget((values) => {
      measured.push(`${which} ${values.latency_ns} ${values.min_granularity_ns}`);
      return metrics(values, which === 'held out');
    });
  return { name, workload, knobs, cycles: 16, points: 5, heldOut: 1, target, measured } as never;
}

export const entrants = (...names: string[]): Entrant[] =>
  names.map((name) => ({ name, make: () => makeTuner(name) }));

const knob = knobs[1] as Knob;

/** A load with its p99 best at a place of the knob's range; held out, everything is a tenth slower. */
export const phase = (from: number, rate: number, best: number): StepPhase => {
  const window = (values: Readonly<Record<string, number>>, factor: number) => {
    const off = Math.abs(positionOf(knob, values[knob.name] as number) - best);
    const metrics = { txn_p99_ns: 40e6 * (1 + off) * factor, throughput_per_s: rate, fairness_jain: 0.9 };
    return { metrics, distributions: {}, knobs: values, windowNs: 1e9 };
  };
  return {
    ...{ from, name: `${rate} tx/s` },
    measure: async (values, turn) => window(values, turn % 2 ? 1.01 : 0.99),
    heldOut: async (values) => window(values, 1.1),
  };
};

/** A load that changes: the best goes from one end of the range to the other, and back. */
export const stepped: SteppedCase = {
  // Under a known load's name throughput may tell of the load: of one nobody knows it is the application's secret.
  ...{
    name: 's',
    workload: { ...workload, name: 'pgbench' },
    knobs: [knob],
    cycles: 80,
    points: 8,
    cpus: 2,
    loadSeeds: 2,
  },
  defaults: { min_granularity_ns: 1.5e6 },
  phases: [phase(0, 700, 0), phase(30, 190, 1), phase(60, 700, 0)],
};
