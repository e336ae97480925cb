import { usageError } from '../errors.js';
import { formatValue } from '../units.js';
import { workloadByName } from '../workloads/index.js';
import { BroadEvaluator } from './broad.js';
import type { Clock, Took } from './clock.js';
import { refereeEffort, searchEfforts, sweepEfforts } from './efforts.js';
import type { FitCheck } from './fit.js';
import type { Goal } from './goal.js';
import { GuardedEvaluator } from './guarded.js';
import { type Missing, missingIn } from './missing.js';
import { type Costing, mostOf, type Plan, planLine, planOf, reachOf, roughly } from './plan.js';
import { MOST_FINALISTS, type Refereed, refereeAll } from './referee.js';
import { type Progress, type SearchOutcome, search, TIME_UP } from './search/search.js';
import { heldOf, rivalsIn, rivalsOf, type Swept, sweep } from './stock.js';
import {
  type Case,
  type Effort,
  type Evaluator,
  type Proposer,
  type Score,
  type Tried,
  unmeasured,
} from './types.js';

export interface SynthesisOptions {
  readonly where: Case;
  readonly goal: Goal;
  readonly evaluator: Evaluator & Costing;
  /**
   * Made when the sweep has said what the repository's policies come to. The signal aborts when the search is to end.
   */
  readonly proposers: (stock: readonly Tried[], over: AbortSignal) => readonly Proposer[];
  /** Candidates scored at the first effort. */
  readonly candidates: number;
  /** Of everything. */
  readonly clock: Clock;
  readonly seed: number;
  readonly fits: FitCheck;
  /** The search's journal: a search that finds one goes on from there. */
  readonly journal?: string | undefined;
  /** Ends it: the evaluator is to end what is under way, and what is known by then is the outcome. */
  readonly signal?: AbortSignal | undefined;
  readonly note?: ((text: string) => void) | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

/** What a synthesis found out, with how long each part of it took, ms, and what it did not come to. */
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
  readonly took: Took;
  /** Parts that were not done, each with why. */
  readonly undone: readonly string[];
  /** What this machine did not get measured. */
  readonly missing: readonly Missing[];
}

/**
 * A search with an honest end: the stock sweep says what there is to beat, the search proposes, the referee decides on
 * seeds and workloads that the search has not seen. What there is no time for is left out, and said.
 * @throws TunesmithError (usage) for an objective that searches do not measure; whatever the evaluator and the proposers
 * throw.
 */
export async function synthesize(options: SynthesisOptions): Promise<SynthesisOutcome> {
  const { where, goal, clock, seed, signal, note } = options;
  const guarded = new GuardedEvaluator(options.evaluator, where.workload, goal.guardrails);
  const undone: string[] = [];
  const leave = (what: string, why = 'there was no time for it'): void => {
    undone.push(`${what}: ${whyStopped(signal) ?? why}`);
  };
  const [once, effort] = sweepEfforts(workloadByName(where.workload));
  const { stock, before } = rivalsOf(where, seed);
  const leftOut = before.map(({ name }) => name);

  clock.enter('sweep');
  note?.(planLine(await mostOf(where, stock), clock.leftMs(), options.candidates));
  note?.(`stock sweep: EEVDF and ${stock.length} policies are compiled and looked up in the cache`);
  const plan = await planOf(options.evaluator, where, stock);
  note?.(planLine(plan, clock.leftMs(), options.candidates));
  const begun = Date.now();
  note?.(`stock sweep: EEVDF and ${stock.length} policies, the best over ${effort.seeds.length} seeds`);
  const own = await guarded.score(null, where, effort);
  if (own.value === null && own.unmeasured === undefined) throw unsearchable(where);
  const swept = await sweep(stock, guarded, where, [once, effort]);
  const ranked = heldOf(swept);
  note?.(
    sweepLine(
      where,
      ranked,
      swept.some((one) => one.unmeasured !== undefined),
    ),
  );
  if (signal?.aborted) leave('the rest of the sweep');

  // What the machine showed to be able to is better known now.
  const rest = corrected(plan, Date.now() - begun);
  const reach = reachOf({ ...rest, sweepMs: 0 }, clock.leftMs());
  clock.enter('search');
  const found =
    reach === 'all' && own.value !== null && !signal?.aborted
      ? await searched(options, guarded, ranked, rest)
      : nothingFound(own);
  if (found.ended === 'not begun') leave('the search, probes and unseen loads');
  else if (signal?.aborted) leave('the rest of the search');

  clock.enter('referee');
  const judged = await refereed(options, guarded, { swept, before, found, isIn: reach !== 'sweep' });
  if (judged.effort.seeds.length === 0) leave('the referee');
  else if (signal?.aborted) leave('the rest of the referee');
  const sweepPart = { effort, own, policies: swept, leftOut };
  return {
    ...{ sweep: sweepPart, search: found, referee: judged, took: clock.took(), undone },
    missing: missingIn({ sweep: sweepPart, search: found, referee: judged }, whyStopped(signal)),
  };
}

async function searched(
  { where, seed, signal, clock, onProgress, journal, candidates, proposers }: SynthesisOptions,
  evaluator: Evaluator,
  ranked: readonly Swept[],
  { refereeMs, judgeMs }: Plan,
): Promise<SearchOutcome> {
  const efforts = searchEfforts(workloadByName(where.workload));
  const reserveMs = refereeMs + judgeMs;
  const leftMs = clock.leftMs() - reserveMs;
  const over = AbortSignal.any([
    ...(signal ? [signal] : []),
    ...(Number.isFinite(leftMs) ? [AbortSignal.timeout(Math.max(0, Math.round(leftMs)))] : []),
  ]);
  return await search({
    ...{ where, efforts, finalists: MOST_FINALISTS, seed, signal, onProgress },
    budget: { candidates },
    hasTime: (lastMs) => clock.leftMs() - lastMs > reserveMs && !over.aborted,
    evaluator: new BroadEvaluator(evaluator, efforts[0] as Effort),
    proposers: proposers(ranked.map(triedOf), over),
    ...(journal === undefined ? {} : { journal }),
  });
}

async function refereed(
  { where, fits, signal, note }: SynthesisOptions,
  evaluator: Evaluator,
  {
    swept,
    before,
    found,
    isIn,
  }: {
    swept: readonly Swept[];
    before: ReturnType<typeof rivalsOf>['before'];
    found: SearchOutcome;
    isIn: boolean;
  },
): Promise<Refereed> {
  if (!isIn || signal?.aborted) return notRefereed(where);
  return await refereeAll({
    ...{ evaluator, where, fits, signal, note, before },
    stock: rivalsIn(where, swept).map((one) => one.stock),
    finalists: found.finalists.map(({ candidate }) => candidate),
  });
}

const nothingFound = (own: Score): SearchOutcome => ({
  ...{ own: [own], tried: [], elites: [], finalists: [], unmeasured: [], progress: [] },
  ended: 'not begun',
});

/** A referee that heard nobody, so that nothing is decided. */
function notRefereed({ workload }: Case): Refereed {
  const effort = { ...refereeEffort(workloadByName(workload)), seeds: [] };
  const own = { name: 'EEVDF', score: unmeasured('own', effort, 'the referee was left out') };
  return {
    ...{ effort, own, repository: [], before: [], finalists: [] },
    selection: { decision: 'undecided', policy: null, reference: 'EEVDF', objections: {} },
  };
}

/** Why a synthesis was stopped; undefined while it is not. */
function whyStopped(signal: AbortSignal | undefined): string | undefined {
  if (!signal?.aborted) return undefined;
  return signal.reason === TIME_UP ? 'the time was up' : 'it was interrupted';
}

/** A plan by what a sweep really took, where that was long enough to tell. */
function corrected(plan: Plan, tookMs: number): Plan {
  if (plan.sweepMs < 5000) return plan;
  const factor = Math.min(5, Math.max(0.5, tookMs / plan.sweepMs));
  const { generationMs, refereeMs, judgeMs } = plan;
  return {
    ...plan,
    ...{ generationMs: factor * generationMs, refereeMs: factor * refereeMs, judgeMs: factor * judgeMs },
  };
}

const unsearchable = ({ objective }: Case) =>
  usageError(
    'objective',
    objective.metric,
    'is not measured in a search, which goes without the sampler',
    'take a metric of the load itself',
  );

const triedOf = ({ stock: { candidate }, score, gain }: Swept): Tried => ({
  ...{ candidate, score, gain, merit: gain, cell: null },
});

const sweepLine = (where: Case, [best]: readonly Swept[], isMissing: boolean): string =>
  best === undefined
    ? `stock sweep: ${isMissing ? 'nothing of the repository was measured' : 'no policy of the repository holds and keeps the guardrails'}`
    : `stock sweep: ${best.stock.name} is best, ${where.objective.metric} ${formatValue(best.score.value, where.objective.unit)}`;

/** How long is left, for lines of progress; empty without a limit. */
export const timeLeft = (clock: Clock): string =>
  Number.isFinite(clock.leftMs()) ? `${roughly(clock.leftMs())} left` : '';
