import { SYSTEM_METRICS } from '../../workloads/common.js';
import { WORKLOADS } from '../../workloads/index.js';
import { SIGNATURE_METRICS } from '../../workloads/signature.js';
import type { MetricUnit, Workload } from '../../workloads/types.js';
import { isProxy } from '../proxy.js';
import type { Observation, TuningContext } from '../types.js';

/** A figure beside the objective. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: MetricUnit;
}

const SYSTEM = { ...SIGNATURE_METRICS, ...SYSTEM_METRICS };

const named = (metrics: Workload['metrics'] | undefined, name: string) =>
  metrics !== undefined && Object.hasOwn(metrics, name) ? metrics[name] : undefined;

/** What explains a scheduler's figures best, in this order. */
const TELLING = [
  'throughput_per_s',
  'ipc',
  'runq_latency_p99_ns',
  'switches_per_s',
  'runq_waiting',
  'idle_share',
  'fairness_jain',
  'service_jain',
];

/** The figures of a window that a prompt may show beside the objective, the telling ones first. */
export function visibleFigures(window: Observation | undefined, context: TuningContext): readonly Figure[] {
  const own = isProxy(context) ? undefined : WORKLOADS[context.workload]?.metrics;
  const figures = Object.entries(window?.measurement?.metrics ?? {}).flatMap(([name, value]) => {
    const metric = named(own, name) ?? named(SYSTEM, name);
    if (!metric || name === context.objective.metric || !Number.isFinite(value)) return [];
    return [{ name, value, unit: metric.unit }];
  });
  const rank = ({ name }: Figure): number =>
    TELLING.includes(name) ? TELLING.indexOf(name) : TELLING.length;
  return figures.sort((a, b) => rank(a) - rank(b) || (a.name < b.name ? -1 : 1));
}

/** Those of them that go into every window's line. */
export const tellingFigures = (window: Observation | undefined, context: TuningContext): readonly Figure[] =>
  visibleFigures(window, context).filter(({ name }) => TELLING.includes(name));

/** A history without what a prompt may not show, for rules whose proposals are shown there. */
export const visibleHistory = (
  history: readonly Observation[],
  context: TuningContext,
): readonly Observation[] =>
  isProxy(context)
    ? history.map((window) => ({ ...window, note: '', measurement: visiblePart(window, context) }))
    : history;

function visiblePart(window: Observation, context: TuningContext): Observation['measurement'] {
  const { measurement } = window;
  if (measurement === null) return null;
  const shown = visibleFigures(window, context).map(({ name, value }) => [name, value] as const);
  const { metric } = context.objective;
  const own = measurement.metrics[metric];
  const metrics = Object.fromEntries([...shown, ...(own === undefined ? [] : [[metric, own] as const])]);
  return { ...measurement, metrics, distributions: {} };
}
