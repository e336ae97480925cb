import { TunesmithError, usageError } from '../errors.js';
import { formatValue } from '../units.js';
import { workloadByName } from '../workloads/index.js';
import { BroadEvaluator } from './broad.js';
import { searchEfforts, sweepEfforts } from './efforts.js';
import type { FitCheck } from './fit.js';
import type { Goal } from './goal.js';
import { GuardedEvaluator } from './guarded.js';
import { MOST_FINALISTS, type Refereed, refereeAll } from './referee.js';
import { type Progress, type SearchBudget, type SearchOutcome, search } from './search/search.js';
import { heldOf, rivalsIn, rivalsOf, type Swept, sweep } from './stock.js';
import type { Case, Effort, Evaluator, Proposer, Score, Tried } from './types.js';

export interface SynthesisOptions {
  readonly where: Case;
  readonly goal: Goal;
  readonly evaluator: Evaluator;
  /** Made when the sweep has said what the repository's policies come to. */
  readonly proposers: (stock: readonly Tried[]) => readonly Proposer[];
  readonly budget: SearchBudget;
  readonly seed: number;
  readonly fits: FitCheck;
  /** The search's journal: a search that finds one goes on from there. */
  readonly journal?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly note?: ((text: string) => void) | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

/** What a synthesis found out, with how long each part of it took, ms. */
export interface SynthesisOutcome {
  readonly sweep: {
    readonly effort: Effort;
    readonly own: Score;
    readonly policies: readonly Swept[];
    /** Found by this very search before, and so no bar to it. */
    readonly leftOut: readonly string[];
  };
  readonly search: SearchOutcome;
  readonly referee: Refereed;
  readonly took: { readonly sweepMs: number; readonly searchMs: number; readonly refereeMs: number };
}

/**
 * A search with an honest end: the stock sweep says what there is to beat, the search proposes, the referee decides on
 * seeds and workloads that the search has not seen.
 * @throws TunesmithError (interrupted) when it is stopped before that; (usage) for an objective that searches do not
 * measure; whatever the evaluator and the proposers throw.
 */
export async function synthesize(options: SynthesisOptions): Promise<SynthesisOutcome> {
  const { where, goal, proposers, budget, journal, seed, fits, signal, note, onProgress } = options;
  const evaluator = new GuardedEvaluator(options.evaluator, where.workload, goal.guardrails);
  const started = Date.now();
  const workload = workloadByName(where.workload);
  const [once, effort] = sweepEfforts(workload);
  const { stock, leftOut } = rivalsOf(where, seed);
  note?.(`stock sweep: EEVDF and ${stock.length} policies, the best over ${effort.seeds.length} seeds`);
  if (leftOut.length > 0) note?.(`stock sweep: without ${leftOut.join(', ')}, which this very search found`);
  const own = await evaluator.score(null, where, effort);
  if (own.value === null)
    throw usageError(
      'objective',
      where.objective.metric,
      'is not measured in a search, which goes without the sampler',
      'take a metric of the load itself',
    );
  const swept = await sweep(stock, evaluator, where, [once, effort]);
  const ranked = heldOf(swept);
  note?.(sweepLine(where, ranked));
  goesOn(signal);
  const sweptAt = Date.now();
  const efforts = searchEfforts(workload);
  const found = await search({
    ...{ where, efforts, finalists: MOST_FINALISTS, seed, budget, signal, onProgress },
    evaluator: new BroadEvaluator(evaluator, efforts[0] as Effort),
    proposers: proposers(ranked.map(triedOf)),
    ...(journal === undefined ? {} : { journal }),
  });
  goesOn(signal);
  const searchedAt = Date.now();
  const referee = await refereeAll({
    ...{ evaluator, where, fits, signal, note },
    stock: rivalsIn(where, swept).map((one) => one.stock),
    finalists: found.finalists.map(({ candidate }) => candidate),
  });
  goesOn(signal);
  return {
    sweep: { effort, own, policies: swept, leftOut },
    search: found,
    referee,
    took: {
      sweepMs: sweptAt - started,
      searchMs: searchedAt - sweptAt,
      refereeMs: Date.now() - searchedAt,
    },
  };
}

/** Half a comparison is none: what was measured is kept, and nothing is said of it. */
function goesOn(signal: AbortSignal | undefined): void {
  if (!signal?.aborted) return;
  throw new TunesmithError('interrupted', 'the search was stopped before it had an answer', {
    hint: '--resume goes on from the last finished trial',
  });
}

const triedOf = ({ stock: { candidate }, score, gain }: Swept): Tried => ({
  ...{ candidate, score, gain, merit: gain, cell: null },
});

const sweepLine = (where: Case, [best]: readonly Swept[]): string =>
  best === undefined
    ? 'stock sweep: no policy of the repository holds and keeps the guardrails'
    : `stock sweep: ${best.stock.name} is best, ${where.objective.metric} ${formatValue(best.score.value, where.objective.unit)}`;
