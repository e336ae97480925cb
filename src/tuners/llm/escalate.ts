import type { Observation, TuningContext } from '../types.js';
import { bestSetting } from './best.js';

/** Windows without a better setting after which the larger model is asked, and between two such questions. */
const STALL = 10;

/**
 * Whether the larger model should decide this time: the load has just changed, or nothing better was found for a
 * while (LumOS paper, appendix B.4: tiered models).
 * @param changed the window from which on figures are of the present load, 0 for none
 * @param last the window the larger model last decided, or none yet
 */
export function shouldEscalate(
  history: readonly Observation[],
  context: TuningContext,
  changed: number,
  last: number | null,
): boolean {
  if (changed > 0 && (last === null || last < changed)) return true;
  const current = history.slice(Math.max(changed, 0));
  if (current.length <= STALL || (last !== null && history.length - last < STALL)) return false;
  const [now, before] = [bestSetting(current, context), bestSetting(current.slice(0, -STALL), context)];
  if (now === null || before === null) return false;
  return context.objective.direction === 'lower' ? now.mean >= before.mean : now.mean <= before.mean;
}
