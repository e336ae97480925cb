import { describeSettings } from '../../knobs/format.js';
import { spanOf } from '../../knobs/scale.js';
import { effectiveSlice, tasksLatencyServes } from '../../knobs/slice.js';
import type { Knob, KnobValues } from '../../knobs/types.js';
import { formatNs, formatValue } from '../../units.js';
import type { MetricUnit } from '../../workloads/types.js';
import type { Observation, TuningContext } from '../types.js';
import type { Evidence, Place } from './evidence.js';

/**
 * Which CFS knob sets the turn under these values, and what it comes to; '' for other knobs.
 * @param tasks runnable tasks per CPU, null when not measured
 */
export function relation(values: KnobValues, tasks: number | null): string {
  const served = tasksLatencyServes(values);
  if (served === null) return '';
  if (tasks === null)
    return `; latency_ns sets the turn while at most ${two(served)} tasks per CPU are runnable`;
  const setter = tasks > served ? 'min_granularity_ns overrides latency_ns and' : 'latency_ns';
  const turn = formatNs(effectiveSlice(values, tasks) as number);
  return `; with ${two(tasks)} runnable tasks per CPU ${setter} sets the turn, ${turn}`;
}

/** Reason for a refinement: the best so far, the step from the nearest setting tried, what its neighbours suggest. */
export function refinement(
  best: Evidence,
  chosen: { readonly place: Place; readonly nearest: Evidence; readonly expected: number },
  noise: { readonly roughness: number; readonly repeated: number },
  context: TuningContext,
): string {
  const { direction, unit } = context.objective;
  const figure = ({ observation }: Evidence): string => formatValue(observation.objective, unit);
  const from =
    chosen.nearest === best
      ? 'from there'
      : `from ${describeSettings(chosen.nearest.observation.values)} (${figure(chosen.nearest)})`;
  const expected = formatValue(Math.exp(direction === 'lower' ? chosen.expected : -chosen.expected), unit);
  const { roughness, repeated } = noise;
  const [size, what] =
    repeated >= roughness ? [repeated, 'windows of one setting'] : [roughness, 'neighbours'];
  const rough = size > 0.02 ? `, give or take the ${Math.round(size * 100)} % by which ${what} differ` : '';
  return (
    `Best so far ${figure(best)} with ${describeSettings(best.observation.values)}. ` +
    `Next ${steps(chosen.nearest.place, chosen.place, context.knobs)} ${from}, ` +
    `an unseen stretch whose neighbours suggest about ${expected}${rough}`
  );
}

const TELLING: readonly (readonly [metric: string, name: string, unit: MetricUnit])[] = [
  ['wakeup_p99_ns', 'wake-up p99', 'ns'],
  ['switches_per_s', 'switches per s', 'count'],
  ['fairness_jain', 'fairness', 'count'],
  ['idle_while_queued_share', 'idle beside waiting tasks', 'share'],
];
const NOTABLE = 0.1;

/** What else changed by a tenth or more between the default and another setting, the two largest; or ''. */
export function sideEffects(start: Observation | undefined, other: Observation): string {
  const [before, after] = [start?.measurement?.metrics ?? {}, other.measurement?.metrics ?? {}];
  const changes = TELLING.flatMap(([metric, name, unit]) => {
    const [a, b] = [before[metric], after[metric]];
    if (a === undefined || b === undefined || a <= 0) return [];
    const text = `${name} ${formatValue(a, unit)} → ${formatValue(b, unit)}`;
    return [{ size: Math.abs(Math.log(Math.max(b, a / 1000) / a)), text }];
  });
  const notable = changes.filter(({ size }) => size > NOTABLE).sort((a, b) => b.size - a.size);
  return notable.length === 0
    ? ''
    : `; it changed ${notable
        .slice(0, 2)
        .map(({ text }) => text)
        .join(', ')}`;
}

/** The steps between two places: "base_slice_ns × 1.5, nr_migrate ÷ 2". */
function steps(from: Place, to: Place, knobs: readonly Knob[]): string {
  const moved = knobs
    .map((knob, i) => ({ knob, step: (to[i] as number) - (from[i] as number) }))
    .filter(({ step }) => Math.abs(step) > 0.005);
  return moved
    .map(({ knob, step }) =>
      knob.scale === 'log'
        ? `${knob.name} ${step > 0 ? '×' : '÷'} ${two(spanOf(knob) ** Math.abs(step))}`
        : `${knob.name} ${step > 0 ? '+' : '−'} ${two(spanOf(knob) * Math.abs(step))}`,
    )
    .join(', ');
}

const two = (value: number): number => Number(value.toPrecision(2));
