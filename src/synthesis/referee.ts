import { workloadByName } from '../workloads/index.js';
import { refereeEffort } from './efforts.js';
import type { FitCheck } from './fit.js';
import { heldOutCases } from './others.js';
import {
  beatsOutsideSpread,
  bestOf,
  type Contender,
  type Finalist,
  type HeldOut,
  objectionsTo,
  type Selection,
  select,
} from './select.js';
import type { Stock } from './stock.js';
import type { Candidate, Case, Effort, Evaluator, Score } from './types.js';

/** Of the search's best. */
export const MOST_FINALISTS = 5;

export interface RefereeOptions {
  readonly evaluator: Evaluator;
  readonly where: Case;
  /** Repository policies that a sweep found best. */
  readonly stock: readonly Stock[];
  /** What this very search found before: heard, but no bar to a finalist. */
  readonly before?: readonly Stock[] | undefined;
  /** The search's best, best first. */
  readonly finalists: readonly Candidate[];
  /** For what `policy check` says. */
  readonly fits: FitCheck;
  readonly signal?: AbortSignal | undefined;
  readonly note?: ((text: string) => void) | undefined;
}

export interface Refereed {
  readonly effort: Effort;
  readonly own: Contender;
  readonly repository: readonly Contender[];
  /** What this very search found before. */
  readonly before: readonly Contender[];
  /** By their ids. Those after a winner were not looked at. */
  readonly finalists: readonly Finalist[];
  readonly selection: Selection;
}

/**
 * Measures the search's best against EEVDF and the repository's best by cold boots, over seeds of its own. Whoever
 * beats them goes through the probes and then to the workloads it never saw; the first to pass ends it.
 */
export async function refereeAll(options: RefereeOptions): Promise<Refereed> {
  const { evaluator, where, stock, before = [], signal, note } = options;
  const effort = refereeEffort(workloadByName(where.workload));
  note?.(
    `referee: EEVDF and ${[...stock, ...before].map(({ name }) => name).join(', ') || 'no policy of the repository'}, cold boots`,
  );
  const own: Contender = { name: 'EEVDF', score: await evaluator.score(null, where, effort) };
  const hear = (policies: readonly Stock[]): Promise<Contender[]> =>
    Promise.all(
      policies.map(async ({ name, candidate }) => ({
        name,
        score: await evaluator.score(candidate, where, effort),
      })),
    );
  const [repository, found] = await Promise.all([hear(stock), hear(before)]);
  const reference = bestOf(where.objective, [own, ...repository]) ?? own;
  const finalists: Finalist[] = [];
  for (const candidate of options.finalists.slice(0, MOST_FINALISTS)) {
    if (signal?.aborted) break;
    note?.(`referee: finalist ${candidate.id}`);
    const score = await evaluator.score(candidate, where, effort);
    const finalist = await judged(candidate, score, own, reference, options);
    finalists.push(finalist);
    if (objectionsTo(where.objective, finalist, own, reference).length === 0) break;
  }
  return {
    effort,
    own,
    repository,
    before: found,
    finalists,
    selection: select(where.objective, own, repository, finalists, found),
  };
}

/** Probes and held-out workloads, for one that beats what there was: nobody else needs them. */
async function judged(
  candidate: Candidate,
  score: Score,
  own: Contender,
  reference: Contender,
  { where, fits, evaluator, note }: RefereeOptions,
): Promise<Finalist> {
  const name = candidate.id;
  const so = (rejected: readonly string[], heldOut: readonly HeldOut[] = []): Finalist => ({
    ...{ name, score, heldOut, rejected },
  });
  const beats = [own, reference].every((rival) => beatsOutsideSpread(where.objective, score, rival.score));
  if (score.value === null || !beats) return so([]);
  note?.(`probes: finalist ${name}`);
  const { accepted, errors, unmeasured } = await fits.of(candidate);
  if (unmeasured !== undefined) return { ...so([]), unchecked: unmeasured };
  if (!accepted) return so(errors);
  const others = heldOutCases(where);
  note?.(`held out: finalist ${name} on ${others.map(({ workload }) => workload).join(' and ')}`);
  const measured = others.map(async (other): Promise<HeldOut> => {
    const effort = refereeEffort(workloadByName(other.workload));
    const [ownScore, itsScore] = await Promise.all([
      evaluator.score(null, other, effort),
      evaluator.score(candidate, other, effort),
    ]);
    const { workload, objective } = other;
    return { workload, objective, own: ownScore, score: itsScore };
  });
  return so([], await Promise.all(measured));
}
