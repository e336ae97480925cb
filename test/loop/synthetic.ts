import type { Rigour, Target } from '../../src/change/target.js';
import type { KnobValues } from '../../src/knobs/types.js';
import type { Measurement, Metrics, Workload } from '../../src/workloads/types.js';

/** What a synthetic machine does: metrics as a function of the knobs in force. May throw. */
export type Response = (values: KnobValues, rigour: Rigour, window: number) => Metrics;

/** A target whose answers are a formula. It keeps what was done to it, for tests of the control flow. */
export class SyntheticTarget implements Target {
  readonly name = 'synthetic';
  readonly scheduler = 'cfs';
  readonly cpus = 2;
  readonly log: string[] = [];
  inForce: KnobValues;
  closed = false;
  private windows = 0;

  constructor(
    private readonly response: Response,
    readonly own: KnobValues = { latency_ns: 12e6, min_granularity_ns: 1.5e6, nr_migrate: 32 },
  ) {
    this.inForce = own;
  }

  async defaults(): Promise<KnobValues> {
    return this.own;
  }

  async apply(values: KnobValues): Promise<void> {
    this.log.push(`apply ${JSON.stringify(values)}`);
    this.inForce = { ...this.own, ...values };
  }

  async measure(rigour: Rigour): Promise<Measurement> {
    this.log.push(rigour);
    const metrics = this.response(this.inForce, rigour, this.windows++);
    return { metrics, distributions: { txn: [[1e6, 10]] }, knobs: this.inForce, windowNs: 1e9 };
  }

  async close(): Promise<void> {
    this.closed = true;
    this.inForce = this.own;
  }
}

/** A database-like workload with an objective, a rate and two guardrails. */
export const workload: Workload = {
  name: 'synthetic',
  summary: 'a formula',
  kind: 'builtin',
  packages: [],
  files: [],
  parameters: {},
  memoryMib: 64,
  warmupNs: 0,
  windowNs: 1e9,
  metrics: {
    txn_p99_ns: { unit: 'ns', direction: 'lower', meaning: 'slowest hundredth of the transactions' },
    throughput_per_s: { unit: 'per_s', direction: 'higher', meaning: 'transactions' },
    fairness_jain: { unit: 'ratio', direction: 'higher', meaning: 'evenness' },
    switches_per_s: { unit: 'per_s', direction: 'none', meaning: 'context switches' },
  },
  objective: 'txn_p99_ns',
  slo: [],
  guardrails: [
    { metric: 'throughput_per_s', rule: 'at least × default', value: 0.8, why: 'a quick few are no use' },
    { metric: 'fairness_jain', rule: 'at least', value: 0.5, why: 'nobody may starve' },
  ],
};

/** p99 falls with min_granularity_ns; nothing else changes. */
export const better: Response = ({ min_granularity_ns: floor = 0 }) => ({
  txn_p99_ns: 60e6 + 10 * floor,
  throughput_per_s: 700,
  fairness_jain: 0.9,
});
