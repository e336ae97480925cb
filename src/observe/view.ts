import type { KeyRow } from './figures.js';

/** Ways to order the rows, the first is the usual one. */
export const SORTS = {
  p99: (row: KeyRow) => row.latency.p99Ns ?? 0,
  wait: (row: KeyRow) => row.waiting,
  cpu: (row: KeyRow) => row.running,
  switches: (row: KeyRow) => row.voluntaryPerS + row.involuntaryPerS,
} as const;
export type Sort = keyof typeof SORTS;
export const SORT_NAMES = Object.keys(SORTS) as Sort[];

/** What the person at the keyboard has chosen. */
export interface View {
  readonly sort: Sort;
  /** Part of a task's name, or its number; empty: all. */
  readonly filter: string;
  /** A filter is being typed. */
  readonly typing: boolean;
  readonly paused: boolean;
  readonly quit: boolean;
}

export const FIRST_VIEW: View = { sort: 'p99', filter: '', typing: false, paused: false, quit: false };

/** The view after a key (as node:readline names keys, or a printable character). */
export function pressed(
  view: View,
  key: { readonly name?: string; readonly sequence?: string; readonly ctrl?: boolean },
): View {
  if (key.ctrl && (key.name === 'c' || key.name === 'd')) return { ...view, quit: true };
  const typed = key.sequence ?? '';
  if (view.typing) {
    if (key.name === 'return' || key.name === 'enter') return { ...view, typing: false };
    if (key.name === 'escape') return { ...view, typing: false, filter: '' };
    if (key.name === 'backspace') return { ...view, filter: view.filter.slice(0, -1) };
    return /^[\x20-\x7e]$/.test(typed) ? { ...view, filter: view.filter + typed } : view;
  }
  switch (typed) {
    case 'q':
      return { ...view, quit: true };
    case 'p':
    case ' ':
      return { ...view, paused: !view.paused };
    case 's': {
      const next = (SORT_NAMES.indexOf(view.sort) + 1) % SORT_NAMES.length;
      return { ...view, sort: SORT_NAMES[next] as Sort };
    }
    case '/':
    case 'f':
      return { ...view, typing: true };
    default:
      return key.name === 'escape' ? { ...view, filter: '' } : view;
  }
}

/** The rows a view shows, in its order; ties by number, so that rows do not dance. */
export function chosen(rows: readonly KeyRow[], view: View): KeyRow[] {
  const by = SORTS[view.sort];
  return rows
    .filter((row) => view.filter === '' || row.comm.includes(view.filter) || String(row.tid) === view.filter)
    .sort((a, b) => by(b) - by(a) || a.tid - b.tid);
}
