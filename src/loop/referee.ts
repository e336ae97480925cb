import type { KnobValues } from '../knobs/types.js';
import { checkGuardrails } from '../workloads/guardrails.js';
import type { Measurement } from '../workloads/types.js';
import type { Journal } from './journal.js';
import { figureIn, gainOf } from './objective.js';
import { recorded } from './recorded.js';
import type { Confirmation, TuneOptions } from './types.js';
import { figuresIn, middle, winsNeeded } from './windows.js';

/** The referee's windows of the default and of the best; several where windows of one setting differ. */
interface Windows {
  readonly default: Measurement[];
  readonly best: Measurement[];
}

/**
 * Lets the referee measure default and best: once each, or in pairs where windows of one setting differ. With the
 * default as best one measurement serves both, and where cycle 0 had several windows it is not repeated.
 * @returns null when a figure is missing, the run is interrupted in between, or there is nothing to confirm
 */
export async function confirm(options: TuneOptions, journal: Journal): Promise<Confirmation | null> {
  const { workload, signal } = options;
  const { best, context } = journal;
  const { objective } = context;
  if (best.cycle === 0 && options.target.repeats) return null;
  const windows = await measureBoth(options, journal);
  if (signal?.aborted) return null;
  const [before, after] = [middle(windows.default), middle(windows.best)];
  const [from, to] = [figureIn(before.metrics, objective), figureIn(after.metrics, objective)];
  const gain = gainOf(objective, from, to);
  if (from === null || to === null || gain === null) return null;
  const side = (measured: Measurement[]) =>
    measured.length > 1 ? { windows: figuresIn(measured, objective) } : {};
  return {
    default: {
      values: journal.tuned({}),
      objective: from,
      measurement: recorded(before),
      ...side(windows.default),
    },
    best: {
      values: { ...best.values },
      objective: to,
      measurement: recorded(after),
      ...side(windows.best),
    },
    gain,
    ...(options.target.repeats ? { pairs: tally(windows, journal) } : {}),
    breaches: best.cycle === 0 ? [] : checkGuardrails(workload, after.metrics, [before.metrics]).breaches,
  };
}

/** By turns, and every other pair the other way round, so that a drift of the machine touches both alike. */
async function measureBoth(options: TuneOptions, { best }: Journal): Promise<Windows> {
  const { target, signal, onReferee } = options;
  const windows: Windows = { default: [], best: [] };
  const pairs = target.repeats?.pairs ?? 1;
  for (let pair = 0; pair < pairs; pair++)
    for (const which of pair % 2 === 0 ? (['default', 'best'] as const) : (['best', 'default'] as const)) {
      if (signal?.aborted) return windows;
      if (which === 'best' && best.cycle === 0) windows.best.push(...windows.default);
      else {
        onReferee?.(which, pairs > 1 ? { pair: pair + 1, of: pairs } : undefined);
        windows[which].push(await measured(options, which === 'best' ? best.values : {}));
      }
    }
  return windows;
}

function tally(windows: Windows, { context }: Journal): NonNullable<Confirmation['pairs']> {
  const better = windows.default.filter((before, i) => {
    const after = windows.best[i] as Measurement;
    const [from, to] = [before, after].map(({ metrics }) => figureIn(metrics, context.objective));
    return (gainOf(context.objective, from ?? null, to ?? null) ?? 0) > 0;
  }).length;
  const of = windows.default.length;
  return { of, better, needed: winsNeeded(of) };
}

async function measured({ target }: TuneOptions, values: KnobValues): Promise<Measurement> {
  await target.apply(values);
  return target.measure('referee');
}
