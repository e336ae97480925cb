import { formatSettings } from '../../knobs/format.js';
import { formatValue } from '../../units.js';
import { median } from '../statistics.js';
import { signed, table } from '../table.js';
import { absentRows } from './outside.js';
import { type SteppedRow, steppedRows } from './stepped-figures.js';
import type { SteppedResult } from './stepped-run.js';
import { range } from './tables.js';
import { askingIn, usageText } from './usage.js';

/** The study as Markdown: the LumOS paper's Table 2, how quickly each tuner follows, its best frozen, what models cost. */
export function steppedText(study: SteppedResult): string {
  const { unit, metric } = study.objective;
  const rows = steppedRows(study);
  return [
    `### ${study.name}`,
    `${metric}, means over ${study.cycles} windows and all seeds with 95 % bootstrap intervals; against the default left` +
      ' alone (fixed).',
    study.phases
      .map(({ from, name, default: start, oracle }) => {
        const value = (figure: number | null): string => formatValue(figure, unit);
        return (
          `- from window ${from}, ${name}: default ${value(start.objective)} (held out ${value(start.frozen)}), best ` +
          `${value(oracle.objective)} (held out ${value(oracle.frozen)}) at ${formatSettings(oracle.values)}`
        );
      })
      .join('\n'),
    tuningTable(rows, unit),
    'Reaction: windows from a change until one whose setting is within 10 % of that load’s best, median over the seeds' +
      ' (seeds that got there). Frozen: what had the best mean in a run’s windows of a load, in one window of it under a' +
      ' load seed that nobody searched on.',
    followingTable(study, rows),
    ...usageText(askingIn([study])),
  ].join('\n\n');
}

const loadsIn = (rows: readonly SteppedRow[]): readonly string[] => Object.keys(rows[0]?.byLoad ?? {});

function tuningTable(rows: readonly SteppedRow[], unit: string): string {
  const loads = loadsIn(rows);
  const base = rows.find(({ tuner }) => tuner === 'fixed')?.all?.mean;
  const lines = rows.map(({ tuner, all, byLoad, missing }) => [
    ...[tuner, range(all, unit), all && base ? `${signed(100 * (all.mean / base - 1))} %` : '–'],
    ...loads.map((load) => range(byLoad[load] ?? null, unit)),
    `${missing}`,
  ]);
  return withAbsent(['tuner', 'while tuning', 'against fixed', ...loads, 'missing'], lines);
}

function followingTable({ phases, objective }: SteppedResult, rows: readonly SteppedRow[]): string {
  const loads = loadsIn(rows);
  const lines = rows.map(({ tuner, reaction, good, frozen }) => [
    ...[tuner, ...reaction.map(reactionText), formatValue(good, 'share')],
    ...loads.map((load) => range(frozen[load] ?? null, objective.unit)),
  ]);
  const changes = phases.slice(1).map(({ from }) => `reaction at ${from}`);
  const frozen = loads.map((load) => `frozen at best, ${load}`);
  return withAbsent(['tuner', ...changes, 'windows within 10 %', ...frozen], lines);
}

const withAbsent = (head: readonly string[], lines: readonly (readonly string[])[]): string => {
  const ran = lines.map(([tuner = '']) => tuner);
  return table([head, ...lines, ...absentRows(ran, head.length)]);
};

function reactionText(all: readonly (number | null)[]): string {
  if (all.length === 0) return '–';
  const known = all.filter((value) => value !== null);
  return known.length === 0 ? 'never' : `${median(known)} (${known.length} of ${all.length})`;
}
