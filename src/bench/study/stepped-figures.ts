import { type Interval, interval, meanOf } from './bootstrap.js';
import { byTuner, missingIn } from './figures.js';
import type { StudyRun } from './run.js';
import { marksAt, type PhaseMarks, type SteppedResult, type SteppedRun } from './stepped-run.js';

/** A setting is good for a load within this share of the best there is. */
const GOOD = 0.1;

/** What a tuner came to under changing loads, over its seeds. */
export interface SteppedRow {
  readonly tuner: string;
  /** Objective over the windows, then over those of each load's name: of each seed its mean. */
  readonly all: Interval | null;
  readonly byLoad: Readonly<Record<string, Interval | null>>;
  /** What each seed's best under a load came to, frozen on the load seed nobody searched on. */
  readonly frozen: Readonly<Record<string, Interval | null>>;
  /** For each change: windows from it until the first whose setting is within 10 % of the new best, per seed. */
  readonly reaction: readonly (readonly (number | null)[])[];
  /** Share of all windows whose setting is within 10 % of the best for the load they had; NaN where none is known. */
  readonly good: number;
  /** Windows without a figure, of all seeds together. */
  readonly missing: number;
}

/** One row a tuner, in the order they ran. */
export const steppedRows = (study: SteppedResult): readonly SteppedRow[] =>
  byTuner(study.runs, (tuner, runs) => rowOf(study, tuner, runs));

function rowOf(study: SteppedResult, tuner: string, runs: readonly SteppedRun[]): SteppedRow {
  const figures = (load: string | null): Interval | null =>
    interval(
      runs.flatMap(({ objectives }) => {
        const known = objectives.filter(
          (value, i) => value !== null && (load === null || marksAt(study, i).name === load),
        );
        return known.length > 0 ? [meanOf(known as number[])] : [];
      }),
    );
  const loads = [...new Set(study.phases.map(({ name }) => name))];
  const each = (of: (load: string) => Interval | null) =>
    Object.fromEntries(loads.map((load) => [load, of(load)]));
  const isGood = (run: StudyRun, window: number): boolean => {
    const marks = marksAt(study, window);
    const figure = figureAt(marks, run, window, study);
    const { objective: best } = marks.oracle;
    if (figure === null || best === null) return false;
    return study.objective.direction === 'lower' ? figure <= best * (1 + GOOD) : figure >= best * (1 - GOOD);
  };
  // A model that was not heard set nothing that could be good.
  const heard = runs.filter(({ values }) => values.length > 0);
  const windows = heard.flatMap((run) => run.values.map((_, i) => isGood(run, i)));
  return {
    ...{ tuner, all: figures(null), byLoad: each(figures) },
    frozen: each((load) => interval(runs.flatMap(({ frozenAt }) => frozenAt[load] ?? []))),
    reaction: study.phases.slice(1).map(({ from }, i) =>
      heard.map((run) => {
        const end = study.phases[i + 2]?.from ?? run.values.length;
        const at = run.values.findIndex((_, window) => window >= from && window < end && isGood(run, window));
        return at < 0 ? null : at - from + 1;
      }),
    ),
    good: windows.filter(Boolean).length / windows.length,
    missing: missingIn(runs),
  };
}

/** What the setting in force in a window is worth under the load it had: the lattice's figure. */
function figureAt(
  { points }: PhaseMarks,
  run: StudyRun,
  window: number,
  { knobs }: SteppedResult,
): number | null {
  const values = run.values[window];
  const point = points.find((other) => knobs.every(({ name }) => other.values[name] === values?.[name]));
  return point?.objective ?? null;
}
