import { gainOf } from '../loop/objective.js';
import { formatValue } from '../units.js';
import type { Pipeline } from '../verify/pipeline.js';
import { workloadByName } from '../workloads/index.js';
import type { Goal } from './goal.js';
import { GuardedEvaluator } from './guarded.js';
import { type Refereed, refereeAll } from './referee.js';
import type { Progress, Search, SearchBudget, SearchOutcome } from './search/search.js';
import { bestOf } from './select.js';
import { type Stock, stockPolicies, sweep } from './stock.js';
import type { Case, Effort, Evaluator, Proposer, Score, Tried } from './types.js';

export interface SynthesisOptions {
  readonly where: Case;
  readonly goal: Goal;
  readonly evaluator: Evaluator;
  readonly search: Search;
  /** Made when the sweep has said what the repository's policies come to. */
  readonly proposers: (stock: readonly Tried[]) => readonly Proposer[];
  readonly budget: SearchBudget;
  readonly efforts: readonly Effort[];
  readonly seed: number;
  readonly pipeline: Pipeline;
  /** The search's journal: a search that finds one goes on from there. */
  readonly journal?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly note?: ((text: string) => void) | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

/** What a synthesis found out, with how long each part of it took, ms. */
export interface SynthesisOutcome {
  readonly sweep: { readonly effort: Effort; readonly own: Score; readonly policies: readonly Swept[] };
  readonly search: SearchOutcome;
  readonly referee: Refereed;
  readonly took: { readonly sweepMs: number; readonly searchMs: number; readonly refereeMs: number };
}

export interface Swept {
  readonly stock: Stock;
  readonly score: Score;
}

/** Seeds a score that decides is the mean of; the search, the sweep and the referee each have their own. */
const SEEDS = 5;
const seedsFrom = (first: number): number[] => Array.from({ length: SEEDS }, (_, i) => first + i);
const SWEEP_SEEDS = 100;
const REFEREE_SEEDS = 1000;

/**
 * A search with an honest end: the stock sweep says what there is to beat, the search proposes, the referee decides on
 * seeds and workloads that the search has not seen.
 */
export async function synthesize(options: SynthesisOptions): Promise<SynthesisOutcome> {
  const { where, goal, proposers, budget, efforts, journal, seed, pipeline, signal, note, onProgress } =
    options;
  const evaluator = new GuardedEvaluator(options.evaluator, where.workload, goal.guardrails);
  const started = Date.now();
  const effort: Effort = {
    ...{ rigour: 'search', windowNs: workloadByName(where.workload).windowNs },
    seeds: seedsFrom(seed + SWEEP_SEEDS),
  };
  const stock = stockPolicies();
  note?.(`stock sweep: EEVDF and ${stock.length} policies, ${SEEDS} seeds each`);
  const own = await evaluator.score(null, where, effort);
  const swept = (await sweep(stock, evaluator, where, effort, signal)).filter((one) => one !== undefined);
  const ranked = rankedStock(where, swept);
  note?.(sweepLine(where, ranked));
  const sweptAt = Date.now();
  const found = await options.search({
    ...{ where, evaluator, budget, efforts, signal, onProgress },
    proposers: proposers(ranked.map((one) => triedOf(where, own, one))),
    ...(journal === undefined ? {} : { journal }),
  });
  const searchedAt = Date.now();
  const referee = await refereeAll({
    ...{ evaluator, where, pipeline, signal, note },
    seeds: seedsFrom(seed + REFEREE_SEEDS),
    stock: ranked.map((one) => one.stock),
    finalists: found.finalists.map(({ candidate }) => candidate),
  });
  return {
    sweep: { effort, own, policies: swept },
    search: found,
    referee,
    took: {
      sweepMs: sweptAt - started,
      searchMs: searchedAt - sweptAt,
      refereeMs: Date.now() - searchedAt,
    },
  };
}

/** Repository policies that held, best first. */
function rankedStock({ objective }: Case, swept: readonly Swept[]): Swept[] {
  const left = swept.map((one) => ({ ...one, name: one.stock.name }));
  const ranked: Swept[] = [];
  for (let best = bestOf(objective, left); best !== undefined; best = bestOf(objective, left)) {
    ranked.push(best);
    left.splice(left.indexOf(best), 1);
  }
  return ranked;
}

const triedOf = ({ objective }: Case, own: Score, { stock, score }: Swept): Tried => ({
  ...{ candidate: stock.candidate, score, cell: null },
  gain: gainOf(objective, own.value, score.value),
});

const sweepLine = (where: Case, [best]: readonly Swept[]): string =>
  best === undefined
    ? 'stock sweep: no policy of the repository holds and keeps the guardrails'
    : `stock sweep: ${best.stock.name} is best, ${where.objective.metric} ${formatValue(best.score.value, where.objective.unit)}`;
