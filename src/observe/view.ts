import type { KeyRow } from './figures.js';

/** Ways to order the rows, the first is the usual one. */
export const SORTS = {
  p99: (row: KeyRow) => row.latency.p99Ns ?? 0,
  wait: (row: KeyRow) => row.waiting + row.throttled,
  cpu: (row: KeyRow) => row.running,
  switches: (row: KeyRow) => row.voluntaryPerS + row.involuntaryPerS,
} as const;
export type Sort = keyof typeof SORTS;
export const SORT_NAMES = Object.keys(SORTS) as Sort[];

/** What the person at the keyboard has chosen. */
export interface View {
  readonly sort: Sort;
  /** Part of a task's name or a cgroup's path, or a number; empty: all. */
  readonly filter: string;
  /** Given with `--name`, on top of the filter; undefined: all. */
  readonly name?: RegExp | undefined;
  /** The first row on the screen, from 0. */
  readonly top: number;
  /** A filter is being typed. */
  readonly typing: boolean;
  readonly help: boolean;
  readonly paused: boolean;
  readonly quit: boolean;
}

export const FIRST_VIEW: View = {
  ...{ sort: 'p99', filter: '', top: 0, typing: false, help: false, paused: false, quit: false },
};

/** Rows that PgUp and PgDn go. */
const PAGE = 10;
const STEPS: Readonly<Record<string, number>> = {
  ...{ up: -1, k: -1, down: 1, j: 1, pageup: -PAGE, b: -PAGE, pagedown: PAGE },
  ...{ home: Number.NEGATIVE_INFINITY, g: Number.NEGATIVE_INFINITY, end: Number.POSITIVE_INFINITY },
};

/**
 * The view after a key (as node:readline names keys, or a printable character), with `count` rows to scroll through.
 */
export function pressed(
  view: View,
  key: {
    readonly name?: string | undefined;
    readonly sequence?: string | undefined;
    readonly ctrl?: boolean;
    readonly shift?: boolean;
  },
  count = Number.MAX_SAFE_INTEGER,
): View {
  if (key.ctrl && (key.name === 'c' || key.name === 'd')) return { ...view, quit: true };
  const typed = key.sequence ?? '';
  if (view.typing) {
    if (key.name === 'return' || key.name === 'enter') return { ...view, typing: false };
    if (key.name === 'escape') return { ...view, typing: false, filter: '' };
    if (key.name === 'backspace') return { ...view, filter: view.filter.slice(0, -1), top: 0 };
    return /^[\x20-\x7e]$/.test(typed) ? { ...view, filter: view.filter + typed, top: 0 } : view;
  }
  if (typed === '?' || typed === 'h') return { ...view, help: !view.help };
  if (typed === 'q') return view.help ? { ...view, help: false } : { ...view, quit: true };
  if (view.help) return key.name === 'escape' ? { ...view, help: false } : view;
  const step = typed === 'G' ? Number.POSITIVE_INFINITY : STEPS[key.name ?? typed];
  if (step !== undefined) return { ...view, top: Math.max(0, Math.min(view.top + step, count - 1)) };
  switch (typed) {
    case 'p':
    case ' ':
      return { ...view, paused: !view.paused };
    case 's': {
      const next = (SORT_NAMES.indexOf(view.sort) + 1) % SORT_NAMES.length;
      return { ...view, sort: SORT_NAMES[next] as Sort, top: 0 };
    }
    case '/':
    case 'f':
      return { ...view, typing: true };
    default:
      return key.name === 'escape' ? { ...view, filter: '', top: 0 } : view;
  }
}

/** Whether a row's name is asked for by `--name`. */
export const isNamed = (row: Pick<KeyRow, 'comm' | 'path'>, name: RegExp | undefined): boolean =>
  name === undefined || name.test(row.path ?? row.comm);

/** The rows a view shows, in its order; ties by number, so that rows do not dance. */
export function chosen(rows: readonly KeyRow[], view: View): KeyRow[] {
  const by = SORTS[view.sort];
  const { filter } = view;
  const wanted = (row: KeyRow): boolean =>
    filter === '' ||
    (row.path ?? row.comm).includes(filter) ||
    [row.tid, row.tgid].some((number) => String(number) === filter);
  return rows
    .filter((row) => isNamed(row, view.name) && wanted(row))
    .sort((a, b) => by(b) - by(a) || a.tid - b.tid || a.cgroup - b.cgroup);
}
