import { bestSetting } from '../llm/best.js';
import type { Observation, Proposal, TuningContext } from '../types.js';

/** The best setting once more: for windows in which nobody has anything new and somebody is still thinking. */
export function settled(history: readonly Observation[], context: TuningContext): Proposal {
  const best = bestSetting(history, context)?.values ?? context.defaults;
  const values = Object.fromEntries(context.knobs.map(({ name }) => [name, best[name] as number]));
  return { values, reason: 'Nothing new for this window: the best so far, while the actor thinks.' };
}
