import type { KnobValues } from '../knobs/types.js';
import { checkGuardrails } from '../workloads/guardrails.js';
import type { Measurement } from '../workloads/types.js';
import type { Journal } from './journal.js';
import { figureIn, isBetter } from './objective.js';
import type { Best, TuneOptions } from './types.js';

/** A setting that the search liked, and what the referee said of it. */
export interface Finalist extends Best {
  readonly measurement: Measurement;
  /** The referee's figure; null when its windows gave none or a guardrail was breached. */
  readonly refereeObjective: number | null;
}

/**
 * The best settings of the search, best first: the lowest of many figures is in part the luckiest, so the referee
 * hears several.
 */
export function finalistsOf(journal: Journal, many: number): Best[] {
  const { cycles, best, since, defaultObjective } = journal;
  const { objective } = journal.context;
  const sign = objective.direction === 'lower' ? 1 : -1;
  const seen = new Set([JSON.stringify(best.values)]);
  const others = cycles
    .filter(
      ({ cycle, outcome }) => cycle > 0 && cycle >= since && (outcome === 'kept' || outcome === 'put back'),
    )
    .filter((cycle) => isBetter(objective, cycle.objective ?? Number.NaN, defaultObjective))
    .sort((a, b) => sign * ((a.objective ?? 0) - (b.objective ?? 0)))
    .filter(({ values }) => {
      const text = JSON.stringify(values);
      const isNew = !seen.has(text);
      seen.add(text);
      return isNew;
    });
  return [
    best,
    ...others.map(({ cycle, values, objective: figure }) => ({ cycle, values, objective: figure })),
  ].slice(0, Math.max(1, many));
}

/** Lets `measure` say of every finalist what the referee finds; stops early when the run is interrupted. */
export async function playFinals(
  options: TuneOptions,
  journal: Journal,
  before: Measurement,
  measure: (values: KnobValues) => Promise<Measurement>,
): Promise<Finalist[]> {
  const finalists = finalistsOf(journal, options.finalists ?? 1);
  const played: Finalist[] = [];
  for (const [i, finalist] of finalists.entries()) {
    if (options.signal?.aborted) break;
    options.onReferee?.('best', finalists.length > 1 ? { turn: i + 1, of: finalists.length } : undefined);
    const measurement = await measure(finalist.values);
    const { breaches } = checkGuardrails(options.workload, measurement.metrics, [before.metrics]);
    const figure = figureIn(measurement.metrics, journal.context.objective);
    played.push({ ...finalist, measurement, refereeObjective: breaches.length > 0 ? null : figure });
  }
  return played;
}

/** The referee's choice; the search's where the referee likes none. */
export function winnerOf(played: readonly Finalist[], { context }: Journal): Finalist | undefined {
  return played.reduce<Finalist | undefined>((best, next) => {
    if (best === undefined) return next;
    if (next.refereeObjective === null) return best;
    return isBetter(context.objective, next.refereeObjective, best.refereeObjective) ? next : best;
  }, undefined);
}
