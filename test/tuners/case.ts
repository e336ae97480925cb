import { findKnob } from '../../src/knobs/catalogue.js';
import type { KnobValues } from '../../src/knobs/types.js';
import type { Observation, TuningContext } from '../../src/tuners/types.js';

/** One knob of EEVDF, as on a 2-CPU kernel. */
export const oneKnob: TuningContext = {
  knobs: [findKnob('base_slice_ns', 'eevdf')],
  defaults: { base_slice_ns: 1_400_000, migration_cost_ns: 500_000, nr_migrate: 32 },
  objective: { metric: 'wakeup_p99_ns', direction: 'lower', unit: 'ns' },
  workload: 'wakeup',
  cpus: 2,
  cycles: 12,
  seed: 1,
};

/** The antagonistic pair of CFS. */
export const twoKnobs: TuningContext = {
  ...oneKnob,
  knobs: [findKnob('latency_ns', 'cfs'), findKnob('min_granularity_ns', 'cfs')],
  defaults: { latency_ns: 12e6, min_granularity_ns: 1.5e6, wakeup_granularity_ns: 2e6 },
  objective: { metric: 'txn_p99_ns', direction: 'lower', unit: 'ns' },
  workload: 'pgbench',
};

/** Values of the tuned knobs before tuning. */
export const defaultsOf = ({ knobs, defaults }: TuningContext): KnobValues =>
  Object.fromEntries(knobs.map(({ name }) => [name, defaults[name] as number]));

/** A finished cycle with these metrics. */
export function observed(
  cycle: number,
  values: KnobValues,
  objective: number | null,
  more: {
    readonly outcome?: Observation['outcome'];
    readonly metrics?: Readonly<Record<string, number>>;
  } = {},
): Observation {
  const measurement = { metrics: more.metrics ?? {}, distributions: {}, knobs: values, windowNs: 1e9 };
  const outcome = more.outcome ?? (cycle === 0 ? 'default' : 'put back');
  return { cycle, values, objective, measurement, outcome, note: '' };
}
