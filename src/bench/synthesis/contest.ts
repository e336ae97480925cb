import { gainOf } from '../../loop/objective.js';
import { refereeEffort, searchEfforts } from '../../synthesis/efforts.js';
import { genesSource } from '../../synthesis/genes/candidate.js';
import { GenesProposer } from '../../synthesis/genes/proposer.js';
import { search } from '../../synthesis/search/search.js';
import type { SearchOutcome } from '../../synthesis/search/types.js';
import { bestOf } from '../../synthesis/select.js';
import { stockPolicies, sweep } from '../../synthesis/stock.js';
import type { Candidate, Case, Evaluator, Score } from '../../synthesis/types.js';
import { signedPercent } from '../../units.js';
import { workloadByName } from '../../workloads/index.js';

export interface ContestOptions {
  readonly candidates: number;
  /** The referee's. */
  readonly seeds: number;
  /** The search's. */
  readonly seed: number;
  readonly note: (text: string) => void;
}

/** A policy as the referee measured it, a value a seed. */
export interface Contestant {
  readonly name: string;
  readonly candidate: Candidate;
  readonly score: Score;
}

export interface Contest {
  readonly own: Score;
  /** The best policy of the repository; undefined when all broke a guardrail. */
  readonly repository: Contestant | undefined;
  /** The best of the search; undefined when none held. */
  readonly genes: Contestant | undefined;
  readonly search: SearchOutcome;
}

/** How many of the search's best, and of the repository's, the referee hears. */
const HEARD = 2;

/** Searches a case and lets the referee measure the kernel's own scheduler, the repository's best and the search's. */
export async function contest(
  evaluator: Evaluator,
  where: Case,
  { candidates, seeds, seed, note }: ContestOptions,
): Promise<Contest> {
  const { objective } = where;
  const workload = workloadByName(where.workload);
  const efforts = searchEfforts(workload);
  const effort = refereeEffort(workload, seeds);
  const found = await search({
    ...{ where, evaluator, efforts, seed, budget: { candidates } },
    proposers: [new GenesProposer(genesSource(), seed)],
    onProgress: ({ tried, dropped, best, elapsedMs }) => {
      const seconds = Math.round(elapsedMs / 1000);
      note(`${tried} tried, ${dropped} dropped, ${seconds} s, best ${signedPercent(best?.gain ?? null)}`);
    },
  });
  const swept = await sweep(stockPolicies(), evaluator, where, efforts.at(-1) ?? effort);
  const ranked = swept
    .flatMap(({ stock: { name, candidate }, score: { value } }) =>
      value === null ? [] : [{ name, candidate, gain: gainOf(objective, 1, value) ?? 0 }],
    )
    .sort((a, b) => b.gain - a.gain);
  const heard = (all: readonly { name: string; candidate: Candidate }[]): Promise<Contestant[]> =>
    Promise.all(
      all.slice(0, HEARD).map(async ({ name, candidate }) => {
        const score = await evaluator.score(candidate, where, effort);
        note(`referee: ${name} ${score.dropped ?? score.values.join(' ')}`);
        return { name, candidate, score };
      }),
    );
  const finalists = found.finalists.map(({ candidate }) => ({ name: candidate.id, candidate }));
  return {
    own: await evaluator.score(null, where, effort),
    repository: bestOf(objective, await heard(ranked)),
    genes: bestOf(objective, await heard(finalists)),
    search: found,
  };
}
