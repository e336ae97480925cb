import { bestSetting } from '../llm/best.js';
import { knownFrom } from '../llm/known.js';
import type { ChangeDetector } from '../llm/options.js';
import { configText } from '../llm/window-line.js';
import type { Observation, Proposal, TuningContext } from '../types.js';

/** What a slow decision rests on: taken when it begins, looked at again when it is there. */
export interface Reservation {
  /** Windows there were when it began. */
  readonly seen: number;
}

/** Why a late decision is not applied; null when it may be. */
export type Objection =
  | 'the load changed meanwhile'
  | 'it was tried meanwhile and lost'
  | 'it was refused meanwhile'
  | 'it was known';

/**
 * Whether a decision that rests on older windows still holds: not when the load has changed since, not when the
 * speculator has meanwhile measured the very setting and found it worse than the best or in breach. What passes is
 * still only staged: the loop measures it for one window and puts it back when it is worse.
 */
export function objectionTo(
  { seen }: Reservation,
  proposal: Proposal,
  history: readonly Observation[],
  context: TuningContext,
  changed: ChangeDetector,
): Objection | null {
  const change = changed(history, context);
  if (change >= seen && change > 0) return 'the load changed meanwhile';
  const wanted = configText(proposal.values, context);
  const since = history.slice(seen).filter(({ values }) => configText(values, context) === wanted);
  if (since.some(({ outcome }) => outcome === 'breach' || outcome === 'rejected'))
    return 'it was refused meanwhile';
  // The same again is the same figure: its window is better spent on what the speculator proposes.
  if (context.exact && knownFrom(proposal.values, history.slice(change), context) !== null)
    return 'it was known';
  const best = bestSetting(history.slice(change), context);
  const isBest = best !== null && configText(best.values, context) === wanted;
  return since.length > 0 && !isBest ? 'it was tried meanwhile and lost' : null;
}
