import { gainOf } from '../../loop/objective.js';
import type { Candidate, Case, Score, Tried } from '../types.js';
import { behaviour } from './behaviour.js';
import { meritOf } from './merit.js';

/** A candidate and its scores, one for each effort so far. */
export interface Entry {
  readonly candidate: Candidate;
  readonly scores: Score[];
}

/** What of the scores counts: the last, for it rests on most. */
export function triedOf({ candidate, scores }: Entry, own: readonly Score[], where: Case): Tried {
  const score = scores.at(-1) as Score;
  const base = own[scores.length - 1] as Score;
  const isOut = score.dropped !== undefined || score.unmeasured !== undefined;
  return {
    candidate,
    score,
    gain: isOut ? null : gainOf(where.objective, base.value, score.value),
    merit: isOut ? null : meritOf(where, base, score),
    cell: isOut ? null : behaviour(score.metrics, base.metrics),
  };
}

/** Best first; of equals the one that was there first. */
export const byMerit = (tried: readonly Tried[]): Tried[] =>
  tried.filter(({ merit }) => merit !== null).sort((a, b) => (b.merit as number) - (a.merit as number));

/** The best of each cell, best first: MAP-Elites' archive (Mouret and Clune, 2015). */
export function elitesOf(tried: readonly Tried[]): Tried[] {
  const cells = new Map<string, Tried>();
  for (const one of byMerit(tried)) if (one.cell !== null && !cells.has(one.cell)) cells.set(one.cell, one);
  return [...cells.values()];
}
