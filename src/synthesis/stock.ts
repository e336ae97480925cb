import { readFileSync } from 'node:fs';
import { listPolicies } from '../policies/catalogue.js';
import type { Manifest } from '../policies/manifest.js';
import { candidateOf } from './candidate.js';
import type { Candidate, Case, Effort, Evaluator, Score } from './types.js';

/** A policy of the repository as a candidate, with the name it has there. */
export interface Stock {
  readonly name: string;
  readonly candidate: Candidate;
  readonly manifest: Manifest;
}

/** Every policy of the repository, as it is shipped. */
export const stockPolicies = (): Stock[] =>
  listPolicies().map(({ manifest, source }) => ({
    name: manifest.name,
    manifest,
    candidate: candidateOf({
      ...{ source: readFileSync(source, 'utf8'), tunables: {}, by: 'repository', parents: [] },
      words: `${manifest.summary}. ${manifest.algorithm}`,
    }),
  }));

/** How many are measured at a time: a machine of the lab takes a core. */
const AT_A_TIME = 2;

/** Runs `work` on all, a few at a time, in order; ends early when the signal says so. */
export async function inTurns<T, R>(
  items: readonly T[],
  work: (item: T) => Promise<R>,
  signal?: AbortSignal,
): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length && !signal?.aborted) {
      const at = next++;
      results[at] = await work(items[at] as T);
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, worker));
  return results;
}

/** What every policy of the repository comes to on a case: what a search has to beat. */
export const sweep = (
  stock: readonly Stock[],
  evaluator: Evaluator,
  where: Case,
  effort: Effort,
  signal?: AbortSignal,
): Promise<{ stock: Stock; score: Score }[]> =>
  inTurns(
    stock,
    async (one) => ({ stock: one, score: await evaluator.score(one.candidate, where, effort) }),
    signal,
  );
