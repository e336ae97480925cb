import { describeSettings } from '../knobs/format.js';
import type { TuneResult } from '../loop/result.js';
import type { Progress } from '../loop/types.js';
import { formatValue, signedPercent } from '../units.js';
import type { Workload } from '../workloads/types.js';

/** One cycle on one line: what was tried, what it gave, why. */
export function cycleLine(progress: Progress, workload: Workload | undefined, objective?: string): string {
  const { cycle, done, of, secondsLeft } = progress;
  const unit = workload?.metrics[objective ?? workload.objective]?.unit ?? '';
  const left = secondsLeft !== null && secondsLeft > 0 ? `, ${Math.ceil(secondsLeft)} s left` : '';
  const tried = describeSettings(cycle.values);
  const counted = of > 1e6 ? `${done}` : `${done}/${of}`;
  return `[${counted}${left}] ${tried}: ${formatValue(cycle.objective, unit)} (${cycle.outcome}) ${cycle.reason}`;
}

/** What became of the default's figure, a share; null without both figures. */
function changeFrom(result: TuneResult, value: number | null): number | null {
  const base = result.referee?.default.objective ?? result.cycles[0]?.objective ?? null;
  if (base === null || value === null || base === 0) return null;
  return (value - base) / base;
}

interface Row {
  readonly name: string;
  readonly value: number | null;
  /** The figures that `value` is the median of, where there were several. */
  readonly windows?: readonly number[] | undefined;
  readonly settings: string;
}

/** "51.6 ms", or "51.6 ms (16 ms to 93.2 ms)" for a median. */
function valueText({ value, windows = [] }: Row, unit: string): string {
  const text = formatValue(value, unit);
  if (windows.length < 2) return text;
  return `${text} (${formatValue(Math.min(...windows), unit)} to ${formatValue(Math.max(...windows), unit)})`;
}

function rowsOf(result: TuneResult): Row[] {
  const { referee, best } = result;
  return [
    {
      name: 'default',
      value: referee?.default.objective ?? result.cycles[0]?.objective ?? null,
      windows: referee ? referee.default.windows : result.cycles[0]?.windows,
      settings: describeSettings(result.cycles[0]?.values ?? {}),
    },
    {
      name: result.tuner,
      value: referee?.best.objective ?? best.objective,
      windows: referee?.best.windows,
      settings: describeSettings(best.values),
    },
    ...result.rivals.map((rival) => ({
      name:
        rival.name === 'grid'
          ? `oracle (grid, ${rival.trials} trials)`
          : `${rival.name} (${rival.trials} trials)`,
      value: rival.refereeObjective ?? rival.objective,
      settings: describeSettings(rival.values),
    })),
  ];
}

/** The verdict in plain words, then a table against default, random and oracle. */
export function caseSummary(result: TuneResult): string {
  const { workload, objective, target } = result;
  const rows = rowsOf(result).map((row) => {
    const { name, value, settings } = row;
    const change = name === 'default' ? null : changeFrom(result, value);
    const signed = change === null ? '' : signedPercent(change);
    return [name, valueText(row, objective.unit), signed, settings] as const;
  });
  const widths = [0, 1, 2].map((i) => Math.max(...rows.map((row) => (row[i] as string).length)));
  const table = rows.map(
    ([name, value, gain, settings]) =>
      `  ${name.padEnd(widths[0] as number)}  ${value.padStart(widths[1] as number)}  ${gain.padStart(widths[2] as number)}  ${settings}`,
  );
  return [`${workload} (${objective.metric}) on ${target.name}`, `  ${result.verdict.text}`, ...table].join(
    '\n',
  );
}
