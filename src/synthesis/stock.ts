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

/** Every policy of the repository, as it is shipped. `genes`, which is there to be searched, is another one unsearched. */
export const stockPolicies = (): Stock[] =>
  listPolicies()
    .filter(({ manifest }) => manifest.name !== 'genes')
    .map(({ manifest, source }) => ({
      name: manifest.name,
      manifest,
      candidate: candidateOf({
        ...{ source: readFileSync(source, 'utf8'), tunables: {}, by: 'repository', parents: [] },
        words: `${manifest.summary}. ${manifest.algorithm}`,
      }),
    }));

/** What every policy of the repository comes to on a case: what a search has to beat. */
export const sweep = (
  stock: readonly Stock[],
  evaluator: Evaluator,
  where: Case,
  effort: Effort,
): Promise<{ stock: Stock; score: Score }[]> =>
  Promise.all(
    stock.map(async (one) => ({ stock: one, score: await evaluator.score(one.candidate, where, effort) })),
  );
