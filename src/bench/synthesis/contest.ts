import { refereeEffort, searchEfforts, sweepEfforts } from '../../synthesis/efforts.js';
import { genesSource } from '../../synthesis/genes/candidate.js';
import { GenesProposer } from '../../synthesis/genes/proposer.js';
import { MOST_FINALISTS } from '../../synthesis/referee.js';
import { search } from '../../synthesis/search/search.js';
import type { SearchOutcome } from '../../synthesis/search/types.js';
import { beatsOutsideSpread, bestOf } from '../../synthesis/select.js';
import { rivalsIn, rivalsOf, sweep } from '../../synthesis/stock.js';
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
  /** The best policy of the repository that people wrote; undefined when all broke a guardrail. */
  readonly written: Contestant | undefined;
  /** The best that other searches found and the repository ships: genes as well. */
  readonly shipped: Contestant | undefined;
  /** The best of the search; undefined when none held. */
  readonly genes: Contestant | undefined;
  readonly search: SearchOutcome;
}

type Named = Pick<Contestant, 'name' | 'candidate'>;

/**
 * Searches a case for its objective and guardrails alone (`synthesize` looks at another load besides), and lets the
 * referee measure the kernel's own scheduler, the repository's best and the search's.
 */
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
    ...{ where, efforts, seed, finalists: MOST_FINALISTS, budget: { candidates } },
    evaluator,
    proposers: [new GenesProposer(genesSource(), seed)],
    onProgress: ({ tried, dropped, best, elapsedMs }) => {
      const seconds = Math.round(elapsedMs / 1000);
      note(`${tried} tried, ${dropped} dropped, ${seconds} s, best ${signedPercent(best?.gain ?? null)}`);
    },
  });
  for (const { candidate: id, unmeasured } of found.unmeasured) note(`not measured: ${id}, ${unmeasured}`);
  const { stock: rivals, before } = rivalsOf(where, seed);
  const leftOut = before.map(({ name }) => name).join(', ');
  if (leftOut !== '') note(`not a rival: ${leftOut}, which this very search found`);
  const swept = (synthesized: boolean) =>
    sweep(
      rivals.filter((one) => one.synthesized === synthesized),
      evaluator,
      where,
      sweepEfforts(workload),
    );
  const hear = async ({ name, candidate }: Named): Promise<Contestant> => {
    const score = await evaluator.score(candidate, where, effort);
    note(`referee: ${name} ${score.dropped ?? score.values.join(' ')}`);
    return { name, candidate, score };
  };
  const own = await evaluator.score(null, where, effort);
  const bestIn = async (synthesized: boolean): Promise<Contestant | undefined> => {
    const stock = rivalsIn(where, await swept(synthesized));
    return bestOf(objective, await Promise.all(stock.map((one) => hear(one.stock))));
  };
  const written = await bestIn(false);
  const shipped = await bestIn(true);
  const bars = [own, ...(written ? [written.score] : [])];
  const genes: Contestant[] = [];
  let winner: Contestant | undefined;
  for (const { candidate } of found.finalists.slice(0, MOST_FINALISTS)) {
    const one = await hear({ name: candidate.id, candidate });
    genes.push(one);
    if (bars.every((rival) => beatsOutsideSpread(objective, one.score, rival))) winner = one;
    if (winner) break;
  }
  return { own, written, shipped, genes: winner ?? bestOf(objective, genes), search: found };
}
