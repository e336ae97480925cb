import type { KnobValues } from '../knobs/types.js';
import { checkGuardrails } from '../workloads/guardrails.js';
import type { Measurement } from '../workloads/types.js';
import { playFinals, winnerOf } from './finals.js';
import type { Journal } from './journal.js';
import { figureIn, gainOf } from './objective.js';
import { recorded } from './recorded.js';
import type { Best, Confirmation, TuneOptions } from './types.js';
import { measureWindow } from './window.js';
import { figuresIn, middle, winsNeeded } from './windows.js';

/** The referee's windows of the default and of the best; several where windows of one setting differ. */
interface Windows {
  readonly default: Measurement[];
  readonly best: Measurement[];
  readonly finalists?: Confirmation['finalists'];
}

/**
 * Lets the referee measure default and best: in pairs where windows of one setting differ (and where cycle 0 had
 * several windows it is not repeated); else the default once and every finalist once, whose best becomes the run's
 * best. With the default as best one measurement serves both.
 * @returns null when a figure is missing, the run is interrupted in between, or there is nothing to confirm
 */
export async function confirm(options: TuneOptions, journal: Journal): Promise<Confirmation | null> {
  const { workload, signal } = options;
  const { objective } = journal.context;
  const { repeats } = options.target;
  if (journal.best.cycle === 0 && repeats) return null;
  const windows = await (repeats ? byTurns(options, journal, repeats.pairs) : finals(options, journal));
  if (signal?.aborted) return null;
  const { best } = journal;
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
    ...(repeats ? { pairs: tally(windows, journal) } : {}),
    ...(windows.finalists ? { finalists: windows.finalists } : {}),
    breaches: best.cycle === 0 ? [] : checkGuardrails(workload, after.metrics, [before.metrics]).breaches,
  };
}

/** Default and finalists, once each; the winner becomes the run's best. */
async function finals(options: TuneOptions, journal: Journal): Promise<Windows> {
  options.onReferee?.('default');
  const before = await measured(options, {});
  if (journal.best.cycle === 0) return { default: [before], best: [before] };
  const played = await playFinals(options, journal, before, (values) => measured(options, values));
  const winner = winnerOf(played, journal);
  if (winner === undefined) return { default: [before], best: [] };
  const { cycle, values, objective } = winner;
  journal.best = { cycle, values, objective } satisfies Best;
  const finalists = played.map(({ measurement: _, ...finalist }) => ({
    ...finalist,
    values: { ...finalist.values },
  }));
  return {
    default: [before],
    best: [winner.measurement],
    ...(finalists.length > 1 ? { finalists } : {}),
  };
}

/** By turns, and every other pair the other way round, so that a drift of the machine touches both alike. */
async function byTurns(options: TuneOptions, { best }: Journal, pairs: number): Promise<Windows> {
  const { signal, onReferee } = options;
  const windows: Windows = { default: [], best: [] };
  for (let pair = 0; pair < pairs; pair++)
    for (const which of pair % 2 === 0 ? (['default', 'best'] as const) : (['best', 'default'] as const)) {
      if (signal?.aborted) return windows;
      onReferee?.(which, { turn: pair + 1, of: pairs });
      windows[which].push(await measured(options, which === 'best' ? best.values : {}));
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
  return measureWindow(target, 'referee');
}
