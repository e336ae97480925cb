import { lastChange } from '../tuners/change-point.js';
import type { Observation } from '../tuners/types.js';
import type { Metrics } from '../workloads/types.js';
import type { Journal } from './journal.js';
import { isBetter } from './objective.js';
import type { TuneOptions } from './types.js';

/**
 * Starts a journal anew from the cycle in which the load changed, if the window just measured shows that it did: the
 * best is the best since then, or the default without a figure, and guardrails compare with windows since then, the
 * default's as soon as there are as many as at the start. Only a change that one setting shows on both sides counts.
 * @param window what was just measured, not yet in the journal
 * @returns a note on a change that has only now become known; none otherwise
 */
export function noticeLoad(
  { target }: Pick<TuneOptions, 'target'>,
  journal: Journal,
  window: Observation,
): readonly string[] {
  const { cycles, context } = journal;
  const history = [...cycles, window];
  const change = lastChange(history, context);
  const isNew = change?.isSure === true && change.from > journal.since;
  if (isNew) {
    journal.since = change.from;
    journal.best = bestSince(journal);
  }
  if (journal.since > 0) {
    const enough = target.repeats?.default ?? 1;
    journal.defaultWindows = baseline(journal, history.slice(journal.since), enough);
  }
  return isNew
    ? [`${change.what} shifted in cycle ${change.from}: figures from before it are no longer compared with`]
    : [];
}

/** A breach since then was judged by the load before: what was measured counts. */
function bestSince(journal: Journal): Journal['best'] {
  const { cycles, since, context } = journal;
  let best: Journal['best'] = { cycle: 0, values: journal.tuned({}), objective: null };
  for (const cycle of cycles.slice(since))
    if (cycle.objective !== null && isBetter(context.objective, cycle.objective, best.objective))
      best = journal.asBest(cycle);
  return best;
}

/** The default's windows under the new load; until there are enough, those of any setting. */
function baseline(journal: Journal, all: readonly Observation[], enough: number): readonly Metrics[] {
  const windows = all.filter(({ measurement }) => measurement?.noFigure === undefined);
  const own = windows.filter(journal.isDefault);
  return (own.length >= enough ? own : windows).map(({ measurement }) => measurement?.metrics ?? {});
}
