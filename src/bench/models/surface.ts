import type { Target } from '../../change/target.js';
import { findKnob } from '../../knobs/catalogue.js';
import { effectiveSlice } from '../../knobs/slice.js';
import type { KnobValues } from '../../knobs/types.js';
import { normalDraw } from '../../tuners/bayesian/normal.js';
import { prng } from '../../tuners/prng.js';
import type { Measurement, Workload } from '../../workloads/types.js';

/**
 * A formula in place of a machine, for what is about prompts and money and would need thousands of windows: p99 over
 * the CFS pair has one valley along the turn and a dear corner where the floor overrides the period.
 */
export const KNOBS = [findKnob('latency_ns', 'cfs'), findKnob('min_granularity_ns', 'cfs')] as const;

const TASKS = 4;
const DEFAULTS: KnobValues = { latency_ns: 12e6, min_granularity_ns: 1.5e6 };
const NOISE = 0.05;

/** p99 without noise, ns. */
export function p99(values: KnobValues): number {
  const { latency_ns: latency = 0, min_granularity_ns: floor = 0 } = values;
  const turn = effectiveSlice(values, TASKS) as number;
  const period = Math.log(latency / 5e6) ** 2;
  const overridden = Math.max(0, Math.log((floor * TASKS) / latency));
  return 26e6 * (1 + 0.15 * Math.log(turn / 1.2e6) ** 2 + 0.02 * period + 0.1 * overridden);
}

/** The least p99 there is: over the ranges on a grid finer than any tuner's steps. */
export function leastP99(): number {
  let least = Number.POSITIVE_INFINITY;
  for (let latency = 2e6; latency <= 100e6; latency *= 1.02)
    for (let floor = 2e5; floor <= Math.min(latency, 10e6); floor *= 1.02)
      least = Math.min(least, p99({ latency_ns: latency, min_granularity_ns: floor }));
  return least;
}

export const SURFACE: Workload = {
  name: 'pgbench',
  summary: 'a formula',
  kind: 'builtin',
  packages: [],
  files: [],
  parameters: {},
  memoryMib: 128,
  warmupNs: 0,
  windowNs: 10e9,
  metrics: {
    txn_p99_ns: { unit: 'ns', direction: 'lower', meaning: 'slowest hundredth of the transactions' },
  },
  objective: 'txn_p99_ns',
  slo: [],
  guardrails: [],
};

/** The formula as a target, with noise of 5 % (one standard deviation) that depends on seed and window alone. */
export class SurfaceTarget implements Target {
  readonly name = 'a formula';
  readonly scheduler = 'cfs';
  readonly cpus = 2;
  private inForce = DEFAULTS;
  private window = 0;

  constructor(private readonly seed: number) {}

  async defaults(): Promise<KnobValues> {
    return DEFAULTS;
  }

  async apply(values: KnobValues): Promise<void> {
    this.inForce = { ...DEFAULTS, ...values };
  }

  async measure(): Promise<Measurement> {
    const next = prng(this.seed, this.window++);
    const normal = normalDraw(next);
    const turn = effectiveSlice(this.inForce, TASKS) as number;
    const metrics = {
      txn_p99_ns: Math.round(p99(this.inForce) * Math.exp(NOISE * normal)),
      // What a real window has beside it, so that prompts are as long as real ones.
      throughput_per_s: 700 + Math.round(20 * next()),
      runq_latency_p99_ns: Math.round(3 * turn),
      switches_per_s: Math.round(2e9 / turn),
      runq_waiting: 6 + next(),
      idle_share: 0.05 * next(),
      service_jain: 0.9 + 0.1 * next(),
    };
    return { metrics, distributions: {}, knobs: this.inForce, windowNs: SURFACE.windowNs };
  }

  async close(): Promise<void> {}
}
