import { effectiveSlice, runnablePerCpu } from '../../knobs/slice.js';
import { formatNs, formatValue } from '../../units.js';
import type { Observation, TuningContext } from '../types.js';

/** Which coarse moves come first, and why, with the figures it rests on. */
export interface Direction {
  readonly slice: 'shorter' | 'longer';
  /** Start with the knobs that do not set the slice. */
  readonly othersFirst: boolean;
  readonly why: string;
}

/** Below this mean run between two switches, switching itself is the cost. */
const BUSY_SWITCHING_NS = 100_000;
const UNFAIR = 0.9;
/** Share of time a CPU is idle beside waiting tasks from which balancing, not the slice, is the trouble. */
const UNBALANCED = 0.05;

/** Runnable tasks per CPU in the default's window; null when not measured. */
export const tasksIn = (start: Observation | undefined, cpus: number): number | null =>
  runnablePerCpu(start?.measurement?.metrics ?? {}, cpus);

/** What the default's own window suggests. Every metric may be absent. */
export function direction(start: Observation | undefined, context: TuningContext): Direction {
  const metrics = start?.measurement?.metrics ?? {};
  const unbalanced = metrics.idle_while_queued_share ?? 0;
  const turn = sliceDirection(metrics, tasksIn(start, context.cpus), context);
  if (unbalanced < UNBALANCED) return { ...turn, othersFirst: false };
  const why = `CPUs are idle beside waiting tasks ${formatValue(unbalanced, 'share')} of the time: balancing is the trouble`;
  return { ...turn, othersFirst: true, why };
}

function sliceDirection(
  {
    wakeup_p99_ns: wait,
    switches_per_s: switches,
    fairness_jain: fairness,
  }: Readonly<Record<string, number>>,
  tasks: number | null,
  { objective, defaults, cpus }: TuningContext,
): Pick<Direction, 'slice' | 'why'> {
  const run = switches ? (1e9 * cpus) / switches : undefined;
  const pace = run === undefined ? '' : `, now one switch per ${formatNs(run)} and CPU`;
  if (objective.direction === 'higher')
    return { slice: 'longer', why: `longer turns spend less on switching${pace}` };
  if (fairness !== undefined && fairness < UNFAIR)
    return {
      slice: 'shorter',
      why: `fairness is only ${fairness.toPrecision(2)}: shorter turns even it out`,
    };
  // One task alone: the turn is then the whole period, the most it can be.
  const slice = effectiveSlice(defaults, tasks ?? 1);
  if (wait !== undefined && slice !== null && wait >= slice) {
    const turns = Number((wait / slice).toPrecision(2));
    return {
      slice: 'shorter',
      why: `wake-up p99 ${formatNs(wait)} is ${turns} turns of ${formatNs(slice)}: waking tasks sit behind others`,
    };
  }
  if (run !== undefined && run < BUSY_SWITCHING_NS)
    return { slice: 'longer', why: `longer turns spend less on switching${pace}` };
  return { slice: 'shorter', why: 'a latency is first of all waiting behind others’ turns' };
}
