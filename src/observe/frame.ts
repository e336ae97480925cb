import { formatNs } from '../units.js';
import type { CpuRow, KeyRow, Look, Percentiles } from './figures.js';
import { chosen, SORT_NAMES, type View } from './view.js';

export interface Screen {
  readonly columns: number;
  readonly rows: number;
  readonly color: boolean;
}

/** What is on the screen besides the figures. */
export interface Around {
  readonly title: string;
  /** Latest outliers, newest first, one line each. */
  readonly outliers: readonly string[];
  /** Whose rows these are: task, process, cgroup. */
  readonly by: string;
}

const time = (ns: number | null): string => (ns === null ? '–' : formatNs(ns));
const share = (part: number): string => `${(part * 100).toFixed(part < 0.1 ? 1 : 0)} %`;
const rate = (perS: number): string => (perS >= 9999.5 ? `${(perS / 1000).toFixed(0)}k` : perS.toFixed(0));

function paint(screen: Screen, code: number, text: string): string {
  return screen.color ? `\x1b[${code}m${text}\x1b[0m` : text;
}

const fit = (text: string, width: number): string =>
  text.length > width ? `${text.slice(0, Math.max(0, width - 1))}…` : text;

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

const cpuLine = (cpu: CpuRow): string =>
  `cpu${cpu.cpu} ${share(cpu.busy)} busy, ${cpu.waiting.toFixed(1)} waiting, ${rate(cpu.switchesPerS)}/s`;

/** CPUs side by side, as many as fit on at most `lines` lines. */
function cpuLines(cpus: readonly CpuRow[], width: number, lines: number): string[] {
  const cell = 38;
  const across = Math.max(1, Math.floor((width + 2) / cell));
  const out: string[] = [];
  for (let i = 0; i < cpus.length; i += across)
    out.push(
      cpus
        .slice(i, i + across)
        .map((cpu) => cpuLine(cpu).padEnd(cell))
        .join('')
        .trimEnd()
        .slice(0, width),
    );
  if (out.length <= lines) return out;
  const more = `… and ${cpus.length - across * (lines - 1)} CPUs more`;
  return [...out.slice(0, lines - 1), fit(more, width)];
}

interface Column {
  readonly head: string;
  readonly width: number;
  readonly of: (row: KeyRow) => string;
}

/** Most wanted first: what does not fit is left out from the right. */
const columns = (by: string, rows: readonly KeyRow[]): Column[] => [
  by === 'cgroup'
    ? { head: 'CGROUP', width: 10, of: (row) => String(row.cgroup) }
    : {
        head: by === 'process' ? 'PID' : 'TID',
        width: 8,
        of: (row) => String(by === 'process' ? row.tgid : row.tid),
      },
  { head: 'NAME', width: -17, of: (row) => (row.exited ? `${row.comm} †` : row.comm) },
  { head: 'P99', width: 9, of: (row) => time(row.latency.p99Ns) },
  { head: 'P50', width: 9, of: (row) => time(row.latency.p50Ns) },
  { head: 'WAIT', width: 8, of: (row) => share(row.waiting) },
  { head: 'CPU', width: 8, of: (row) => share(row.running) },
  { head: 'VOL/S', width: 7, of: (row) => rate(row.voluntaryPerS) },
  { head: 'INV/S', width: 7, of: (row) => rate(row.involuntaryPerS) },
  { head: 'SLICE99', width: 9, of: (row) => time(row.slice.p99Ns) },
  { head: 'MAX', width: 9, of: (row) => time(row.latency.maxNs) },
  { head: 'MIG/S', width: 7, of: (row) => rate(row.migrationsPerS) },
  ...(rows.some(({ ipc }) => ipc !== undefined)
    ? [{ head: 'IPC', width: 6, of: (row: KeyRow) => row.ipc?.toFixed(2) ?? '–' }]
    : []),
];

const cell = (text: string, width: number): string =>
  width < 0 ? ` ${fit(text, -width - 1).padEnd(-width - 1)}` : fit(text, width).padStart(width);

function tableLines(rows: readonly KeyRow[], by: string, view: View, screen: Screen, room: number): string[] {
  let used = 0;
  const shown = columns(by, rows).filter(({ width }) => {
    used += Math.abs(width);
    return used <= screen.columns;
  });
  const line = (of: (column: Column) => string) =>
    shown
      .map((column) => cell(of(column), column.width))
      .join('')
      .trimEnd();
  const listed = chosen(rows, view);
  if (listed.length === 0)
    return [
      paint(
        screen,
        2,
        fit(view.filter === '' ? '(nothing ran)' : `(nothing named ${view.filter})`, screen.columns),
      ),
    ];
  return [
    paint(screen, 7, line(({ head }) => head).padEnd(screen.columns)),
    ...listed.slice(0, Math.max(0, room - 1)).map((row) => line(({ of }) => of(row))),
  ];
}

function leftOut({ left, cgroupGone }: Look): string[] {
  const parts = [
    left.lost > 0 ? `${left.lost} outliers lost` : '',
    left.evicted > 0 ? `${left.evicted} rows evicted` : '',
    left.forgotten > 0 ? `${left.forgotten} tasks forgotten` : '',
    left.skipped > 0 ? `${left.skipped} stays skipped` : '',
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

/** The whole screen: at most `screen.rows` lines, none wider than `screen.columns`. */
export function frame(look: Look, view: View, around: Around, screen: Screen): string[] {
  const small = screen.rows < 30;
  const head = [
    paint(
      screen,
      1,
      fit(`${around.title} · ${ownCost(look.cpus)}${view.paused ? ' · PAUSED' : ''}`, screen.columns),
    ),
    ...cpuLines(look.cpus, screen.columns, small ? 2 : 8),
    fit(summary('run queue', look.overall.latency), screen.columns),
    fit(summary('slice', look.overall.slice), screen.columns),
    ...histogramLine(look.latencySteps, screen),
    ...leftOut(look).map((line) => paint(screen, 33, fit(line, screen.columns))),
  ];
  const outliers = around.outliers.slice(0, small ? 3 : 10).map((line) => fit(line, screen.columns));
  const keys = view.typing
    ? `filter: ${view.filter}▏ (enter keeps, esc clears)`
    : `s sort (${SORT_NAMES.map((name) => (name === view.sort ? name.toUpperCase() : name)).join(' ')})  / filter${view.filter ? ` “${view.filter}”` : ''}  p pause  q quit`;
  const room = screen.rows - head.length - outliers.length - 1;
  return [
    ...head,
    ...tableLines(look.keys, around.by, view, screen, room),
    ...outliers.map((line) => paint(screen, 31, line)),
    paint(screen, 2, fit(keys, screen.columns)),
  ].slice(0, screen.rows);
}
