import { formatNs } from '../units.js';
import type { CpuRow, Look, Percentiles } from './figures.js';
import { help } from './help.js';
import { type OutlierFacts, outlierLines } from './outlier-line.js';
import { fit, paint, rate, type Screen, share, table, time } from './table.js';
import { SORT_NAMES, type View } from './view.js';

/** What is on the screen besides the figures. */
export interface Around {
  readonly title: string;
  /** Latest outliers, newest first. */
  readonly outliers: readonly OutlierFacts[];
  /** Whose rows these are: task, process, cgroup; or nothing. */
  readonly by: string;
  /** Only some tasks are looked at: a CPU's waiting is theirs alone, so it is not shown beside what all did. */
  readonly filtered: boolean;
}

const summary = (name: string, { count, p50Ns, p99Ns, p999Ns, maxNs }: Percentiles): string =>
  `${name.padEnd(9)} p50 ${time(p50Ns).padStart(8)}  p99 ${time(p99Ns).padStart(8)}  p99.9 ${time(p999Ns).padStart(8)}  max ${time(maxNs).padStart(8)}  n ${count}`;

const BARS = ' ▁▂▃▄▅▆▇█';

/** Counts by octave of ns as one line of bars on a square-root scale, so that a thin tail still shows. */
function histogramLine(steps: Look['latencySteps'], screen: Screen): string[] {
  const octaves = new Map<number, number>();
  for (const [fromNs, , count] of steps) {
    const octave = Math.floor(Math.log2(Math.max(fromNs, 256)));
    octaves.set(octave, (octaves.get(octave) ?? 0) + count);
  }
  if (octaves.size === 0) return [];
  const [first, last] = [Math.min(...octaves.keys()), Math.max(...octaves.keys())];
  const most = Math.max(...octaves.values());
  const text = Array.from({ length: last - first + 1 }, (_, i) => {
    const part = Math.sqrt((octaves.get(first + i) ?? 0) / most);
    return (BARS[Math.ceil(part * (BARS.length - 1))] as string).repeat(2);
  }).join('');
  const [from, to] = [formatNs(first === 8 ? 0 : 2 ** first), formatNs(2 ** (last + 1))];
  const wide = from.length + text.length + to.length + 2 > screen.columns;
  return wide ? [] : [`${from} ${paint(screen, 36, text)} ${to}`];
}

const cpuLine = (cpu: CpuRow, filtered: boolean): string =>
  [
    `cpu${cpu.cpu} ${share(cpu.busy)} busy`,
    ...(filtered ? [] : [`${cpu.waiting.toFixed(1)} waiting`]),
    `${rate(cpu.switchesPerS)}/s`,
  ].join(', ');

/** CPUs side by side, as many as fit on at most `lines` lines. */
function cpuLines(cpus: readonly CpuRow[], filtered: boolean, width: number, lines: number): string[] {
  const cell = 38;
  const across = Math.max(1, Math.floor((width + 2) / cell));
  const out: string[] = [];
  for (let i = 0; i < cpus.length; i += across)
    out.push(
      cpus
        .slice(i, i + across)
        .map((cpu) => cpuLine(cpu, filtered).padEnd(cell))
        .join('')
        .trimEnd()
        .slice(0, width),
    );
  if (out.length <= lines) return out;
  const more = `… and ${cpus.length - across * (lines - 1)} CPUs more`;
  return [...out.slice(0, lines - 1), fit(more, width)];
}

function leftOut({ left, cgroupGone }: Look): string[] {
  const parts = [
    left.lost > 0 ? `${left.lost} outliers lost` : '',
    left.evicted > 0 ? `${left.evicted} rows evicted` : '',
    left.forgotten > 0 ? `${left.forgotten} tasks forgotten` : '',
    left.skipped > 0 ? `${left.skipped} intervals skipped` : '',
    left.shedding ? 'sheds to keep to its budget' : '',
    cgroupGone ? 'the cgroup is gone' : '',
  ].filter((part) => part !== '');
  return parts.length === 0 ? [] : [`not in these figures: ${parts.join(', ')}`];
}

/** The sampler's own cost in words, the dearest CPU's. */
function ownCost(cpus: readonly CpuRow[]): string {
  const most = cpus.reduce((worst, { ownShare }) => Math.max(worst, ownShare ?? 0), 0);
  return `own cost ${(most * 100).toFixed(2)} % of a CPU`;
}

/** Latest outliers in whole, newest first, on at most `room` lines. */
function outliersIn(room: number, outliers: readonly OutlierFacts[], screen: Screen): string[] {
  const out: string[] = [];
  for (const outlier of outliers) {
    const lines = outlierLines(outlier, screen.columns).map((line) => fit(line, screen.columns));
    if (out.length + lines.length > room) break;
    out.push(...lines);
  }
  return out.map((line) => paint(screen, 31, line));
}

function keyLine(view: View, rows: { first: number; last: number; count: number }): string {
  if (view.typing) return `filter: ${view.filter}▏ (enter keeps, esc clears)`;
  if (view.help) return '? back  q back';
  const part = rows.last - rows.first + 1 < rows.count ? `${rows.first}–${rows.last} of ${rows.count}  ` : '';
  const sorts = SORT_NAMES.map((name) => (name === view.sort ? name.toUpperCase() : name)).join(' ');
  const filter = view.filter ? ` “${view.filter}”` : '';
  return `${part}? help  / filter${filter}  s sort (${sorts})  p pause  q quit`;
}

/** The whole screen: at most `screen.rows` lines, none wider than `screen.columns`. */
export function frame(look: Look, view: View, around: Around, screen: Screen): string[] {
  const { columns, rows } = screen;
  // On a small screen the table goes before the figures over all.
  const [tiny, small] = [rows < 14, rows < 30];
  const title = `${around.title} · ${ownCost(look.cpus)}${view.paused ? ' · PAUSED' : ''}`;
  const head = [
    paint(
      screen,
      1,
      fit(view.paused && title.length > columns ? `PAUSED · ${around.title}` : title, columns),
    ),
    ...(tiny ? [] : cpuLines(look.cpus, around.filtered, columns, small ? 2 : 8)),
    fit(summary('run queue', look.overall.latency), columns),
    ...(tiny ? [] : [fit(summary('slice', look.overall.slice), columns)]),
    ...(tiny ? [] : histogramLine(look.latencySteps, screen)),
    ...leftOut(look).map((line) => paint(screen, 33, fit(line, columns))),
  ];
  if (view.help)
    return [
      head[0] as string,
      ...help(screen, rows - 2),
      paint(screen, 2, fit(keyLine(view, { first: 0, last: 0, count: 0 }), columns)),
    ].slice(0, rows);
  const outliers = outliersIn(tiny ? 1 : small ? 4 : 12, around.outliers, screen);
  const body = table(look.keys, around.by, view, screen, rows - head.length - outliers.length - 1);
  return [...head, ...body.lines, ...outliers, paint(screen, 2, fit(keyLine(view, body), columns))].slice(
    0,
    rows,
  );
}
