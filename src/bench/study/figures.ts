import { median } from '../statistics.js';
import { geometric, type Interval, interval, meanOf } from './bootstrap.js';
import type { StudyResult, StudyRun } from './run.js';

/** Stretches of a run, as shares of its cycles: the LumOS paper's 0–20, 20–50 and 150–200 of 200. */
export const STRETCHES = [
  { name: 'first tenth', from: 0, to: 0.1 },
  { name: 'to a quarter', from: 0.1, to: 0.25 },
  { name: 'last quarter', from: 0.75, to: 1 },
] as const;
/** Near enough to the oracle. */
export const NEAR = 0.03;

/** What a tuner came to on one case, over its seeds. */
export interface Row {
  readonly tuner: string;
  /** Mean over the cycles, while it was tuning. */
  readonly tuning: Interval | null;
  readonly stretches: readonly (Interval | null)[];
  /** At its best, frozen, on the held-out seed. */
  readonly frozen: Interval | null;
  /** How far its best is from the oracle's, a share, on the seed searched on. */
  readonly regret: Interval | null;
  /** Median of the first cycles (1 is the default's) within 3 % of the oracle without a breach, over the seeds that had one. */
  readonly cyclesToNear: number | null;
  readonly reached: number;
  readonly seeds: number;
  /** Windows without a figure, of all seeds together. */
  readonly missing: number;
}

/** One row a tuner, in the order they ran. */
export function byTuner<T extends StudyRun, R>(
  runs: readonly T[],
  rowOf: (tuner: string, own: readonly T[]) => R,
): readonly R[] {
  const names = [...new Set(runs.map(({ tuner }) => tuner))];
  return names.map((tuner) =>
    rowOf(
      tuner,
      runs.filter((run) => run.tuner === tuner),
    ),
  );
}

/** Windows without a figure, of all runs together. */
export const missingIn = (runs: readonly StudyRun[]): number =>
  runs.flatMap(({ objectives }) => objectives).filter((value) => value === null).length;

export const rowsOf = (study: StudyResult): readonly Row[] =>
  byTuner(study.runs, (tuner, runs) => rowOf(study, tuner, runs));

function rowOf(study: StudyResult, tuner: string, runs: readonly StudyRun[]): Row {
  const oracle = study.oracle.objective;
  const over = (from: number, to: number) =>
    interval(
      runs.flatMap(({ objectives }) => {
        const part = objectives.slice(
          Math.round(from * objectives.length),
          Math.round(to * objectives.length),
        );
        const known = part.filter((value) => value !== null);
        return known.length > 0 ? [meanOf(known)] : [];
      }),
    );
  const near = runs.flatMap(({ objectives, breaches = [] }) => {
    // What breaches a guardrail is no answer, however quick: the oracle may not either.
    const at = objectives.findIndex(
      (value, cycle) => !breaches.includes(cycle) && (regretOf(study, value, oracle) ?? 1) <= NEAR,
    );
    return at < 0 ? [] : [at + 1];
  });
  return {
    ...{ tuner, tuning: over(0, 1), stretches: STRETCHES.map(({ from, to }) => over(from, to)) },
    frozen: interval(runs.flatMap((run) => run.frozen ?? [])),
    regret: interval(runs.flatMap(({ best }) => regretOf(study, best.objective, oracle) ?? [])),
    cyclesToNear: near.length > 0 ? median(near) : null,
    ...{ reached: near.length, seeds: runs.length },
    missing: missingIn(runs),
  };
}

function regretOf({ objective }: StudyResult, value: number | null, oracle: number | null): number | null {
  if (value === null || oracle === null || oracle === 0) return null;
  return objective.direction === 'lower' ? value / oracle - 1 : 1 - value / oracle;
}

/** A tuner over all cases: ratios to the default, below 1 is better; null where a case has no figure. */
export interface Overall {
  readonly tuner: string;
  readonly tuning: number | null;
  readonly frozen: number | null;
  /** The same without the case it gained most on. */
  readonly tuningWithoutBest: number | null;
  readonly frozenWithoutBest: number | null;
}

/** Geometric means over the cases, and without each tuner's best one: an aggregate must not hang on one case. */
export function overall(studies: readonly StudyResult[]): readonly Overall[] {
  const cases = studies.map((study) => ({ study, rows: rowsOf(study) }));
  const names = [...new Set(cases.flatMap(({ rows }) => rows.map(({ tuner }) => tuner)))];
  return names.map((tuner) => {
    const ratios = (pick: (row: Row) => Interval | null, base: 'objective' | 'frozen') =>
      cases.map(({ study, rows }) => {
        const row = rows.find((other) => other.tuner === tuner);
        const [value, before] = [row && pick(row)?.mean, study.default[base]];
        if (value === undefined || before === null) return null;
        return study.objective.direction === 'lower' ? value / before : before / value;
      });
    const tuning = ratios((row) => row.tuning, 'objective');
    const frozen = ratios((row) => row.frozen, 'frozen');
    return {
      ...{ tuner, tuning: whole(tuning), frozen: whole(frozen) },
      ...{ tuningWithoutBest: whole(withoutBest(tuning)), frozenWithoutBest: whole(withoutBest(frozen)) },
    };
  });
}

/** A mean over fewer cases than others have would be another figure. */
const whole = (ratios: readonly (number | null)[]): number | null => {
  const known = ratios.filter((ratio) => ratio !== null);
  return known.length === ratios.length && known.length > 0 ? geometric(known) : null;
};

function withoutBest(ratios: readonly (number | null)[]): readonly (number | null)[] {
  const known = ratios.filter((ratio) => ratio !== null);
  const best = ratios.indexOf(Math.min(...known));
  return ratios.filter((_, i) => i !== best);
}
