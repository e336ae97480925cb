import { gainOf } from '../../loop/objective.js';
import type { Candidate, Case, Score, Tried } from '../types.js';
import { behaviour } from './behaviour.js';

/** A candidate and its scores, one for each effort so far. */
export interface Entry {
  readonly candidate: Candidate;
  readonly scores: Score[];
}

/** What of the scores counts: the last, for it rests on most. */
export function triedOf({ candidate, scores }: Entry, own: readonly Score[], { objective }: Case): Tried {
  const score = scores.at(-1) as Score;
  const base = own[scores.length - 1] as Score;
  const isDropped = score.dropped !== undefined;
  return {
    candidate,
    score,
    gain: isDropped ? null : gainOf(objective, base.value, score.value),
    cell: isDropped ? null : behaviour(score.metrics, base.metrics),
  };
}

/** Best first; of equals the one that was there first. */
export const byGain = (tried: readonly Tried[]): Tried[] =>
  tried.filter(({ gain }) => gain !== null).sort((a, b) => (b.gain as number) - (a.gain as number));

/** The best of each cell, best first: MAP-Elites' archive (Mouret and Clune, 2015). */
export function elitesOf(tried: readonly Tried[]): Tried[] {
  const cells = new Map<string, Tried>();
  for (const one of byGain(tried)) if (one.cell !== null && !cells.has(one.cell)) cells.set(one.cell, one);
  return [...cells.values()];
}
