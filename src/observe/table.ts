import { formatNs } from '../units.js';
import type { KeyRow } from './figures.js';
import { chosen, type View } from './view.js';

export interface Screen {
  readonly columns: number;
  readonly rows: number;
  readonly color: boolean;
}

export const time = (ns: number | null): string => (ns === null ? '–' : formatNs(ns));
export const share = (part: number): string => `${(part * 100).toFixed(part < 0.1 ? 1 : 0)} %`;
export const rate = (perS: number): string =>
  perS >= 9999.5 ? `${(perS / 1000).toFixed(0)}k` : perS.toFixed(0);

export function paint(screen: Screen, code: number, text: string): string {
  return screen.color ? `\x1b[${code}m${text}\x1b[0m` : text;
}

export const fit = (text: string, width: number): string =>
  text.length > width ? `${text.slice(0, Math.max(0, width - 1))}…` : text;

/** The end of a text says more where it is a path. */
const fitEnd = (text: string, width: number): string =>
  text.length > width ? `…${text.slice(text.length - Math.max(0, width - 1))}` : text;

interface Column {
  readonly head: string;
  /** Negative: from the left. */
  readonly width: number;
  readonly of: (row: KeyRow) => string;
}

const number = (id: number): string => (id === 0 ? '–' : String(id));
const named = (row: KeyRow): string => (row.exited ? `${row.comm} †` : row.comm);
const pathOf = (row: KeyRow): string => row.path ?? `(number ${row.cgroup})`;

/** Whose row it is. A path gets what the first figures leave of the screen. */
function names(by: string, rows: readonly KeyRow[], width: number): Column[] {
  if (by === 'cgroup') {
    const longest = rows.reduce((most, row) => Math.max(most, pathOf(row).length), 8);
    const room = Math.max(16, Math.min(longest, Math.max(28, width - 62)));
    return [{ head: 'CGROUP', width: -room - 1, of: (row) => fitEnd(pathOf(row), room) }];
  }
  const pid = { head: 'PID', width: 8, of: (row: KeyRow) => number(row.tgid) };
  const tid = { head: 'TID', width: 8, of: (row: KeyRow) => number(row.tid) };
  const narrow = width < 60;
  const numbers = by !== 'task' ? [pid] : narrow ? [tid] : [pid, tid];
  return [...numbers, { head: 'NAME', width: narrow ? -14 : -17, of: named }];
}

/** Most wanted first: what does not fit is left out from the right. */
function columns(by: string, rows: readonly KeyRow[], width: number): Column[] {
  const throttled = { head: 'THROTTLED', width: 10, of: (row: KeyRow) => share(row.throttled) };
  const ipc = { head: 'IPC', width: 6, of: (row: KeyRow) => row.ipc?.toFixed(2) ?? '–' };
  return [
    ...names(by, rows, width),
    { head: 'P99', width: 9, of: (row) => time(row.latency.p99Ns) },
    { head: 'P50', width: 9, of: (row) => time(row.latency.p50Ns) },
    { head: 'WAIT', width: 7, of: (row) => share(row.waiting) },
    ...(rows.some((row) => row.throttled > 0) ? [throttled] : []),
    { head: 'CPU', width: 7, of: (row) => share(row.running) },
    { head: 'VOL/S', width: 7, of: (row) => rate(row.voluntaryPerS) },
    { head: 'INV/S', width: 7, of: (row) => rate(row.involuntaryPerS) },
    { head: 'SLICE99', width: 9, of: (row) => time(row.slice.p99Ns) },
    { head: 'MAX', width: 9, of: (row) => time(row.latency.maxNs) },
    { head: 'MIG/S', width: 7, of: (row) => rate(row.migrationsPerS) },
    ...(rows.some(({ ipc }) => ipc !== undefined) ? [ipc] : []),
  ];
}

const cell = (text: string, width: number): string =>
  width < 0 ? ` ${fit(text, -width - 1).padEnd(-width - 1)}` : fit(text, width).padStart(width);

export interface Table {
  readonly lines: readonly string[];
  /** The rows that are on it, counted from 1, of how many. */
  readonly first: number;
  readonly last: number;
  readonly count: number;
}

/** At most `room` lines. */
export function table(rows: readonly KeyRow[], by: string, view: View, screen: Screen, room: number): Table {
  const listed = chosen(rows, view);
  const count = listed.length;
  if (by === 'nothing') return { lines: [], first: 0, last: 0, count: 0 };
  if (count === 0) {
    const asked = view.filter || view.name?.source || '';
    const words = asked === '' ? '(nothing ran)' : `(nothing named ${asked})`;
    return { lines: [paint(screen, 2, fit(words, screen.columns))], first: 0, last: 0, count };
  }
  let used = 0;
  const shownColumns = columns(by, listed, screen.columns).filter(({ width }) => {
    used += Math.abs(width);
    return used <= screen.columns;
  });
  const line = (of: (column: Column) => string) =>
    shownColumns
      .map((column) => cell(of(column), column.width))
      .join('')
      .trimEnd();
  const lines = Math.max(0, room - 1);
  // The last page is a whole one.
  const top = Math.max(0, Math.min(view.top, count - lines));
  const page = listed.slice(top, top + lines);
  return {
    lines: [
      paint(screen, 7, line(({ head }) => head).padEnd(screen.columns)),
      ...page.map((row) => line(({ of }) => of(row))),
    ],
    first: top + 1,
    last: top + page.length,
    count,
  };
}
