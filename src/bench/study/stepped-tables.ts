import { formatSettings } from '../../knobs/format.js';
import { formatValue } from '../../units.js';
import { median } from '../statistics.js';
import { signed, table } from '../table.js';
import { meanOf } from './bootstrap.js';
import { byTuner, missingIn } from './figures.js';
import type { StudyRun } from './run.js';
import { marksAt, type PhaseMarks, type SteppedResult } from './stepped-run.js';
import { modelRows } from './tables.js';

/** A setting is good for a load within this share of the best there is. */
const GOOD = 0.1;

/** What a tuner came to under changing loads, over its seeds. */
export interface SteppedRow {
  readonly tuner: string;
  /** Mean objective over the windows, then over those of each load's name. */
  readonly all: number | null;
  readonly byLoad: Readonly<Record<string, number | null>>;
  /** For each change: windows from it until the first whose setting is within 10 % of the new best, per seed. */
  readonly reaction: readonly (readonly (number | null)[])[];
  /** Share of all windows whose setting is within 10 % of the best for the load they had. */
  readonly good: number;
  /** Windows without a figure, of all seeds together. */
  readonly missing: number;
}

/** One row a tuner, in the order they ran. */
export const steppedRows = (study: SteppedResult): readonly SteppedRow[] =>
  byTuner(study.runs, (tuner, runs) => rowOf(study, tuner, runs));

function rowOf(study: SteppedResult, tuner: string, runs: readonly StudyRun[]): SteppedRow {
  const figures = (load: string | null): number | null => {
    const known = runs.flatMap(({ objectives }) =>
      objectives.filter((value, i) => value !== null && (load === null || marksAt(study, i).name === load)),
    );
    return known.length > 0 ? meanOf(known as number[]) : null;
  };
  const loads = [...new Set(study.phases.map(({ name }) => name))];
  const isGood = (run: StudyRun, window: number): boolean => {
    const marks = marksAt(study, window);
    const figure = figureAt(marks, run, window, study);
    const { objective: best } = marks.oracle;
    if (figure === null || best === null) return false;
    return study.objective.direction === 'lower' ? figure <= best * (1 + GOOD) : figure >= best * (1 - GOOD);
  };
  const windows = runs.flatMap((run) => run.values.map((_, i) => isGood(run, i)));
  return {
    ...{ tuner, all: figures(null), byLoad: Object.fromEntries(loads.map((load) => [load, figures(load)])) },
    reaction: study.phases.slice(1).map(({ from }, i) =>
      runs.map((run) => {
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

/** The study as Markdown: the LumOS paper's Table 2 and how quickly each tuner follows. */
export function steppedText(study: SteppedResult): string {
  const { unit, metric } = study.objective;
  const rows = steppedRows(study);
  const base = rows.find(({ tuner }) => tuner === 'fixed');
  const value = (figure: number | null, than: number | null | undefined): string =>
    figure === null || !than
      ? formatValue(figure, unit)
      : `${formatValue(figure, unit)} (${signed((100 * (figure - than)) / than)} %)`;
  const loads = Object.keys(rows[0]?.byLoad ?? {});
  const head = [
    'tuner',
    'all',
    ...loads,
    ...study.phases.slice(1).map(({ from }) => `reaction at ${from}`),
    'windows within 10 %',
    'missing',
  ];
  const lines = rows.map((row) => [
    row.tuner,
    value(row.all, base?.all),
    ...loads.map((load) => value(row.byLoad[load] ?? null, base?.byLoad[load])),
    ...row.reaction.map(reactionText),
    formatValue(row.good, 'share'),
    `${row.missing}`,
  ]);
  return [
    `### ${study.name}`,
    '',
    `${metric}, means over ${study.cycles} windows and all seeds, and against the default left alone (fixed).` +
      ' Reaction: windows from a change until one whose setting is within 10 % of that load’s best, median over the' +
      ' seeds (seeds that got there).',
    '',
    ...study.phases.map(
      (phase) =>
        `- from window ${phase.from}, ${phase.name}: default ${formatValue(phase.default.objective, unit)}, best ` +
        `${formatValue(phase.oracle.objective, unit)} at ${formatSettings(phase.oracle.values)}`,
    ),
    '',
    table([
      head,
      ...lines,
      ['human', 'no trace recorded', ...head.slice(2).map(() => '–')],
      ...modelRows(head.length),
    ]),
  ].join('\n');
}

function reactionText(all: readonly (number | null)[]): string {
  const known = all.filter((value) => value !== null);
  return known.length === 0 ? 'never' : `${median(known)} (${known.length} of ${all.length})`;
}
