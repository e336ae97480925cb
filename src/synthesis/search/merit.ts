import { gainOf } from '../../loop/objective.js';
import { HELD_OUT_LOSS } from '../select.js';
import type { Case, Score } from '../types.js';

/** How much of a gain a loss elsewhere outweighs: enough that a policy for one load alone is none for a winner. */
export const WEIGHT = 2;

/** A gain over the kernel's own scheduler, less what is lost on other loads beyond what a winner may lose there. */
export function meritOf({ objective }: Case, own: Score, { value, elsewhere = {} }: Score): number | null {
  const gain = gainOf(objective, own.value, value);
  const excess = Object.values(elsewhere).map((other) => Math.max(0, -other - HELD_OUT_LOSS));
  return gain === null ? null : gain - WEIGHT * excess.reduce((sum, one) => sum + one, 0);
}
