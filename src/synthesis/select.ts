import { gainOf } from '../loop/objective.js';
import type { Objective } from '../tuners/types.js';
import type { Score } from './types.js';

/** Fewer seeds say too little of the spread. */
export const LEAST_SEEDS = 5;
/** How much worse than the kernel's own scheduler a winner may be on a workload it never saw, a share. */
export const HELD_OUT_LOSS = 0.02;

/** A policy and what the referee measured, over one window a seed. */
export interface Contender {
  readonly name: string;
  readonly score: Score;
}

/** One workload the search never saw. */
export interface HeldOut {
  readonly workload: string;
  readonly objective: Objective;
  readonly own: Score;
  readonly score: Score;
}

export interface Finalist extends Contender {
  /** Empty while nothing was measured: then it has not passed. */
  readonly heldOut: readonly HeldOut[];
  /** Findings of the trial stage's probes that reject it. */
  readonly rejected: readonly string[];
  /** Why this machine could not check it: then it has not passed. */
  readonly unchecked?: string;
}

/** `undecided`: too little could be measured to say any of the others. */
export type Decision = 'synthesized' | 'repository' | 'eevdf' | 'undecided';

export interface Selection {
  readonly decision: Decision;
  /** The finalist's or the repository policy's name; null for EEVDF. */
  readonly policy: string | null;
  /** The best that was there before the search: a repository policy's name, or EEVDF. */
  readonly reference: string;
  /** Why each finalist is none, in words; empty for the winner. */
  readonly objections: Readonly<Record<string, readonly string[]>>;
}

const sound = ({ score }: Contender): boolean =>
  score.value !== null &&
  score.values.length >= LEAST_SEEDS &&
  score.values.every((value) => value !== null && Number.isFinite(value));

/**
 * Whether one beats the other by more than the spread: its worst seed is better than the other's best one. Over five
 * seeds each, chance alone does that one time in 252.
 */
export function beatsOutsideSpread({ direction }: Objective, a: Score, b: Score): boolean {
  if (!sound({ name: '', score: a }) || !sound({ name: '', score: b })) return false;
  const [own, other] = [a.values as number[], b.values as number[]];
  return direction === 'lower'
    ? Math.max(...own) < Math.min(...other)
    : Math.min(...own) > Math.max(...other);
}

const better = ({ direction }: Objective, a: Score, b: Score): boolean =>
  direction === 'lower'
    ? (a.value as number) < (b.value as number)
    : (a.value as number) > (b.value as number);

/** The best of those that held and kept every guardrail. */
export const bestOf = <C extends Contender>(objective: Objective, contenders: readonly C[]): C | undefined =>
  contenders
    .filter(sound)
    .reduce<C | undefined>(
      (best, one) => (best === undefined || better(objective, one.score, best.score) ? one : best),
      undefined,
    );

/** Why a finalist is no winner against the best there was; empty when it is one. */
export function objectionsTo(
  objective: Objective,
  finalist: Finalist,
  own: Contender,
  reference: Contender,
): string[] {
  const { score, heldOut, rejected } = finalist;
  if (score.dropped !== undefined) return [score.dropped];
  if (score.unmeasured !== undefined) return [`it could not be measured: ${score.unmeasured}`];
  if (!sound(finalist)) return [`it was not measured over ${LEAST_SEEDS} seeds`];
  const rivals = [...new Set([reference, own])];
  const beaten = rivals.filter((rival) => !beatsOutsideSpread(objective, score, rival.score));
  if (beaten.length > 0)
    return beaten.map(({ name }) => `it does not beat ${name} by more than the spread of the seeds`);
  if (rejected.length > 0) return [...rejected];
  if (finalist.unchecked !== undefined) return [`it could not be checked: ${finalist.unchecked}`];
  if (heldOut.length < 2) return ['it was not measured on two workloads it never saw'];
  return heldOut.flatMap(lossOn);
}

function lossOn({ workload, objective, own, score }: HeldOut): string[] {
  if (score.dropped !== undefined) return [`${workload}, which it never saw: ${score.dropped}`];
  const missing = own.unmeasured ?? score.unmeasured;
  if (missing !== undefined) return [`${workload}, which it never saw, could not be measured: ${missing}`];
  const gain = gainOf(objective, own.value, score.value);
  if (gain === null) return [`${workload}, which it never saw, gave no figure`];
  if (gain >= -HELD_OUT_LOSS) return [];
  return [`it is ${(-100 * gain).toFixed(1)} % worse than EEVDF on ${workload}, which it never saw`];
}

/**
 * The honest answer of a search: the first finalist, best first, that has nothing against it; else the best repository
 * policy if it beats EEVDF by more than the spread; else EEVDF, if nothing is missing that might have beaten it. A
 * repository policy that this very search found before is no bar to a finalist, but where the finalist is no better by
 * more than the spread, it is the answer: it is there, and checked.
 * @param before what this very search found before
 */
export function select(
  objective: Objective,
  own: Contender,
  repository: readonly Contender[],
  finalists: readonly Finalist[],
  before: readonly Contender[] = [],
): Selection {
  const reference = bestOf(objective, [own, ...repository]) ?? own;
  const ranked = finalists
    .map((finalist, index) => ({ finalist, index }))
    .sort((a, b) => {
      const [x, y] = [a.finalist, b.finalist];
      if (sound(x) && sound(y))
        return better(objective, x.score, y.score)
          ? -1
          : better(objective, y.score, x.score)
            ? 1
            : a.index - b.index;
      return Number(sound(y)) - Number(sound(x)) || a.index - b.index;
    })
    .map(({ finalist }) => finalist);
  const objections = Object.fromEntries(
    ranked.map((finalist) => [finalist.name, objectionsTo(objective, finalist, own, reference)]),
  );
  const winner = ranked.find(({ name }) => objections[name]?.length === 0);
  const outside = (one: Contender, other: Contender): boolean =>
    beatsOutsideSpread(objective, one.score, other.score);
  const answer = (decision: Decision, policy: string | null): Selection => ({
    ...{ decision, policy, reference: reference.name, objections },
  });
  const again = bestOf(objective, before);
  const isThere = again !== undefined && outside(again, own);
  if (winner) {
    if (!isThere || outside(winner, again)) return answer('synthesized', winner.name);
    objections[winner.name] = [`${again.name}, which the repository has, does as well`];
    return answer('repository', again.name);
  }
  const best = bestOf(objective, [reference, ...(again ? [again] : [])]);
  if (best !== undefined && best !== own && outside(best, own)) return answer('repository', best.name);
  const isMissing = [own, ...repository, ...before].some(({ score }) => score.unmeasured !== undefined);
  return answer(isMissing || !sound(own) ? 'undecided' : 'eevdf', null);
}
