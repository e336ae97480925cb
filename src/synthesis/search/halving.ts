import type { Case, Score } from '../types.js';
import type { Entry } from './entries.js';
import { meritOf } from './merit.js';

/** One in so many goes on to the next effort. */
const SHARE = 4;

/**
 * Who goes on from an effort to the next: those among the best quarter of all that were ever measured at it and have
 * not gone on yet (successive halving as in ASHA, Li et al. 2020, but after whole generations, so that it does not
 * depend on which trial ends first).
 * @param level the effort they are at, from 0
 * @param atLeast so many of the best go on, if there are any
 */
export function promoted(
  entries: readonly Entry[],
  level: number,
  own: Score,
  where: Case,
  atLeast = 0,
): Entry[] {
  const ranked = entries
    .flatMap((entry) => {
      const score = entry.scores[level];
      const merit = score === undefined ? null : meritOf(where, own, score);
      return merit === null ? [] : [{ entry, merit }];
    })
    .sort((a, b) => b.merit - a.merit);
  const places = Math.max(Math.floor(ranked.length / SHARE), atLeast);
  return ranked
    .slice(0, places)
    .map(({ entry }) => entry)
    .filter(({ scores }) => scores.length === level + 1);
}
