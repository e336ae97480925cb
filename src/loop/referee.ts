import type { KnobValues } from '../knobs/types.js';
import type { Measurement } from '../workloads/types.js';
import { checkGuardrails } from './guardrails.js';
import type { Journal } from './journal.js';
import { figureIn, gainOf } from './objective.js';
import { recorded } from './recorded.js';
import type { Confirmation, TuneOptions } from './types.js';

/**
 * Lets the referee measure default and best. With the default as best one measurement serves both.
 * @returns null when a figure is missing or the run is interrupted in between
 */
export async function confirm(options: TuneOptions, journal: Journal): Promise<Confirmation | null> {
  const { workload, signal, onReferee } = options;
  const { best, context } = journal;
  onReferee?.('default');
  const before = await measured(options, {});
  if (signal?.aborted) return null;
  if (best.cycle !== 0) onReferee?.('best');
  const after = best.cycle === 0 ? before : await measured(options, best.values);
  const [from, to] = [
    figureIn(before.metrics, context.objective),
    figureIn(after.metrics, context.objective),
  ];
  const gain = gainOf(context.objective, from, to);
  if (from === null || to === null || gain === null) return null;
  return {
    default: { values: journal.tuned({}), objective: from, measurement: recorded(before) },
    best: { values: { ...best.values }, objective: to, measurement: recorded(after) },
    gain,
    breaches: best.cycle === 0 ? [] : checkGuardrails(workload, after.metrics, before.metrics).breaches,
  };
}

async function measured({ target }: TuneOptions, values: KnobValues): Promise<Measurement> {
  await target.apply(values);
  return target.measure('referee');
}
