import { formatSettings } from '../../knobs/format.js';
import { formatValue } from '../../units.js';
import { table } from '../table.js';
import type { Interval } from './bootstrap.js';
import { overall, rowsOf, STRETCHES } from './figures.js';
import { absentRows } from './outside.js';
import type { StudyResult } from './run.js';
import { askingIn, usageText } from './usage.js';

/** A study as Markdown: a table a case, all of them together, and what models cost. */
export function studyText(studies: readonly StudyResult[]): string {
  return [...studies.map(caseText), overallText(studies), ...usageText(askingIn(studies))].join('\n\n');
}

function caseText(study: StudyResult): string {
  const { unit, metric } = study.objective;
  const value = (figure: number | null): string => formatValue(figure, unit);
  const head = [
    'tuner',
    'while tuning',
    ...STRETCHES.map(({ name }) => name),
    'frozen at best',
    'regret',
    'cycles to 3 %',
    'missing',
  ];
  const rows = rowsOf(study);
  const lines = rows.map((row) => [
    row.tuner,
    range(row.tuning, unit),
    ...row.stretches.map((part) => value(part?.mean ?? null)),
    range(row.frozen, unit),
    range(row.regret, 'share'),
    `${row.cyclesToNear ?? '–'} (${row.reached} of ${row.seeds} seeds)`,
    `${row.missing}`,
  ]);
  const { oracle } = study;
  return [
    `### ${study.name}`,
    '',
    `${metric}; ${study.cycles} cycles; means over seeds with 95 % bootstrap intervals. Default ${value(study.default.objective)}` +
      ` (held out ${value(study.default.frozen)}); oracle ${value(oracle.objective)} (held out ${value(oracle.frozen)})` +
      ` at ${formatSettings(oracle.values)}, of ${oracle.points} points.`,
    '',
    table([
      head,
      ...lines,
      ...absentRows(
        rows.map(({ tuner }) => tuner),
        head.length,
      ),
    ]),
  ].join('\n');
}

function overallText(studies: readonly StudyResult[]): string {
  const ratio = (value: number | null): string => (value === null ? '–' : value.toFixed(3));
  const rows = overall(studies).map((row) => [
    row.tuner,
    ...[row.tuning, row.tuningWithoutBest, row.frozen, row.frozenWithoutBest].map(ratio),
  ]);
  return [
    '### All cases',
    '',
    `Ratio to the default, geometric mean over ${studies.length} cases; below 1 is better. The cases are one load with` +
      ' one knob or two, on one CPU or two, not several loads. "Without its best case" leaves out the one a tuner gained' +
      ' most on. The best of N random settings is random’s "frozen".',
    '',
    table([
      ['tuner', 'while tuning', 'without its best case', 'frozen at best', 'without its best case'],
      ...rows,
    ]),
  ].join('\n');
}

/** A mean with its interval. */
export const range = (figure: Interval | null, unit: string): string =>
  figure === null
    ? '–'
    : `${formatValue(figure.mean, unit)} (${formatValue(figure.low, unit)}–${formatValue(figure.high, unit)})`;
