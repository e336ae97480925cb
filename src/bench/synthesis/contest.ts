import { readFileSync } from 'node:fs';
import { gainOf, isBetter } from '../../loop/objective.js';
import { listPolicies } from '../../policies/catalogue.js';
import { candidateOf } from '../../synthesis/candidate.js';
import { refereeEffort, searchEfforts } from '../../synthesis/efforts.js';
import { genesSource } from '../../synthesis/genes/candidate.js';
import { GenesProposer } from '../../synthesis/genes/proposer.js';
import { search } from '../../synthesis/search/search.js';
import type { SearchOutcome } from '../../synthesis/search/types.js';
import type { Candidate, Case, Evaluator, Score, Tried } from '../../synthesis/types.js';
import { workloadByName } from '../../workloads/index.js';

export interface ContestOptions {
  readonly candidates: number;
  readonly seeds: number;
  readonly seed: number;
  readonly note: (text: string) => void;
}

/** A policy as the referee measured it, a value a seed. */
export interface Contender {
  readonly name: string;
  readonly words: string;
  readonly tunables: Candidate['tunables'];
  readonly score: Score;
}

export interface Contest {
  readonly own: Contender;
  /** The best policy of the repository; null when all broke a guardrail. */
  readonly repository: Contender | null;
  /** The best of the search; null when none held. */
  readonly genes: Contender | null;
  readonly search: SearchOutcome;
}

/** How many of the search's best, and of the repository's, the referee hears. */
const HEARD = 2;

const repository = (): { name: string; candidate: Candidate }[] =>
  listPolicies()
    .filter(({ manifest }) => manifest.name !== 'genes')
    .map(({ manifest, source }) => {
      const made = {
        source: readFileSync(source, 'utf8'),
        tunables: {},
        parents: [],
        words: manifest.summary,
      };
      return { name: manifest.name, candidate: candidateOf({ ...made, by: 'repository' }) };
    });

/** Whether one is better than the other by more than the spread: its worst seed beats the other's best. */
export function beats({ objective }: Case, one: Score, other: Score): boolean {
  const [own, its] = [one.values, other.values].map((values) => values.filter((value) => value !== null));
  if (one.value === null || other.value === null || !own?.length || !its?.length) return one.value !== null;
  return objective.direction === 'lower'
    ? Math.max(...own) < Math.min(...its)
    : Math.min(...own) > Math.max(...its);
}

const bestOf = ({ objective }: Case, all: readonly Contender[]): Contender | null =>
  all.reduce<Contender | null>(
    (best, one) =>
      one.score.value !== null && isBetter(objective, one.score.value, best?.score.value ?? null)
        ? one
        : best,
    null,
  );

/** Searches a case and lets the referee measure the kernel's own scheduler, the repository's best and the search's. */
export async function contest(
  evaluator: Evaluator,
  where: Case,
  { candidates, seeds, seed, note }: ContestOptions,
): Promise<Contest> {
  const workload = workloadByName(where.workload);
  const efforts = searchEfforts(workload);
  const found = await search({
    ...{ where, evaluator, efforts, seed, budget: { candidates } },
    proposers: [new GenesProposer(genesSource(), seed)],
    onProgress: ({ tried, dropped, best, elapsedMs }) =>
      note(
        `${tried} tried, ${dropped} dropped, ${Math.round(elapsedMs / 1000)} s, best ${percent(best?.gain)}: ${best?.candidate.words}`,
      ),
  });
  const last = efforts.at(-1) ?? refereeEffort(workload);
  const swept = await Promise.all(
    repository().map(async (one) => ({ ...one, score: await evaluator.score(one.candidate, where, last) })),
  );
  const own = await evaluator.score(null, where, refereeEffort(workload, seeds));
  const heard = async (all: readonly { name: string; candidate: Candidate }[]): Promise<Contender | null> => {
    const scores = await Promise.all(
      all.map(async ({ name, candidate: { words, tunables, ...candidate } }) => {
        const whole = { ...candidate, words, tunables };
        return {
          ...{ name, words, tunables },
          score: await evaluator.score(whole, where, refereeEffort(workload, seeds)),
        };
      }),
    );
    for (const { name, score } of scores)
      note(`referee: ${name} ${score.values.join(' ')} ${score.dropped ?? ''}`);
    return bestOf(where, scores);
  };
  const ranked = swept
    .filter(({ score }) => score.value !== null)
    .sort((a, b) => (isBetter(where.objective, a.score.value as number, b.score.value) ? -1 : 1));
  return {
    own: { name: 'EEVDF', words: '', tunables: {}, score: own },
    repository: await heard(ranked.slice(0, HEARD)),
    genes: await heard(found.finalists.slice(0, HEARD).map(named)),
    search: found,
  };
}

const named = ({ candidate }: Tried): { name: string; candidate: Candidate } => ({
  name: candidate.id,
  candidate,
});

/** A gain for people. */
export const percent = (gain: number | null | undefined): string =>
  gain === null || gain === undefined ? '–' : `${gain < 0 ? '' : '+'}${(100 * gain).toFixed(1)} %`;

export const gainOver = ({ objective }: Case, one: Score, other: Score): number | null =>
  gainOf(objective, other.value, one.value);
