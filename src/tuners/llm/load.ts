import { formatValue } from '../../units.js';
import { WORKLOADS } from '../../workloads/index.js';
import type { Parameter } from '../../workloads/types.js';
import type { Observation, TuningContext } from '../types.js';
import { plain } from './fence.js';

type Parameters = Readonly<Record<string, number>>;

const onClock = 'by the clock, whether or not the last one is done';
/** How each load's work arrives. */
const ARRIVAL: Readonly<Record<string, (parameters: Parameters) => string>> = {
  wakeup: () => 'closed loop: a worker pauses, then has its next request',
  mixed: () => `open loop: the periodic task is due ${onClock}; the hogs never sleep`,
  hackbench: () => 'closed loop: as fast as messages are taken',
  forkstorm: () => `closed loop: as fast as can be; the periodic task ${onClock}`,
  stressors: () => `open loop: the periodic tasks are due ${onClock}`,
  pgbench: ({ rate_per_s: rate = 0 }) =>
    rate > 0
      ? `open loop: ${rate} transactions a second are due ${onClock}`
      : 'closed loop: a client sends its next transaction when the last is done',
  idle: () => 'nothing runs',
};

/** The load in a sentence: what it is, how its work arrives, its parameters, the length of a window. */
export function loadLine({ workload, cpus, load }: TuningContext): string {
  const known = Object.hasOwn(WORKLOADS, workload) ? WORKLOADS[workload] : undefined;
  const given: Parameters = load?.parameters ?? {};
  const values = Object.entries(known?.parameters ?? {}).flatMap(([name, parameter]) => {
    const value = given[name] ?? parameter.default;
    return value === 0 ? [] : [parameterText(name, value, parameter)];
  });
  const arrival = ARRIVAL[workload];
  const parts = [
    known ? plain(known.summary, 120) : plain(workload, 40),
    ...(known && arrival ? [arrival(given)] : []),
    ...(values.length > 0 ? [values.join(', ')] : []),
  ];
  const window = load ? ` A window is ${formatValue(load.windowNs, 'ns')}.` : '';
  return `Load, on ${cpus} CPUs: ${parts.join('; ')}.${window}`;
}

/** A code is nothing without its meaning. */
function parameterText(name: string, value: number, { unit, max, meaning }: Parameter): string {
  const amount = formatValue(unit === 'us' ? value * 1000 : value, unit === 'us' ? 'ns' : unit);
  if (max < 2 || max > 3) return `${name} ${amount}`;
  const own = new RegExp(`\\b${value} ([^,]+)`).exec(meaning)?.[1] ?? meaning;
  return `${name} ${amount} (${own})`;
}

/** What the objective is, and on how many samples a window's figure rests. */
export function metricLine(start: Observation | undefined, { objective }: TuningContext): string {
  const [, family = '', rank = ''] = /^(.*)_p(50|95|99|999)_ns$/.exec(objective.metric) ?? [];
  const samples = start?.measurement?.metrics[`${family}_samples`];
  const meaning = objective.meaning === undefined ? '' : ` (${plain(objective.meaning, 120)})`;
  if (samples === undefined || family === '') return meaning;
  const above = Math.round(samples * (1 - Number(`0.${rank}`)));
  return `${meaning}; the default's window has ${formatValue(samples, 'count')} samples, ${above} of them above it`;
}
