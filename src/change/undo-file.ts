import { closeSync, constants, openSync, readFileSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Item, ItemFate, SettledItem } from './types.js';

/** What the deadman says became of a change, as its undo list (native/deadman/undo.h) has it. */
export interface UndoFile {
  readonly state: 'staging' | 'staged' | 'committed' | 'reverted' | 'stuck';
  /** `-` while nothing was put back. */
  readonly reason: string;
  /** In the list's order: those that were asked for, then the tasks that were found on the way. */
  readonly items: readonly SettledItem[];
}

const FATES: Readonly<Record<string, ItemFate>> = {
  '.': 'untouched',
  s: 'staged',
  p: 'put back',
  b: 'as before',
  f: 'foreign',
  g: 'gone',
  x: 'stuck',
};
const HEAD = /^tunesmith-undo\/1 ([a-z]+)_* (-|[a-z]+)_* \d+_* [0-9a-f-]{36}$/;

const pathOf = (dir: string, id: string): string => join(dir, `${id}.undo`);

/** The undo list of a change; null when there is none, or none that can be read. */
export function readUndo(dir: string, id: string): UndoFile | null {
  const text = textOf(pathOf(dir, id));
  if (text === null) return null;
  const [head = '', ...lines] = text.split('\n');
  const [, state, reason] = HEAD.exec(head) ?? [];
  if (state === undefined || reason === undefined) return null;
  const notes = new Map<number, string>();
  const items: SettledItem[] = [];
  for (const line of lines) {
    const [mark = '', ...fields] = line.split('\t');
    if (mark === '#') notes.set(Number(fields[0]), fields[1] ?? '');
    else if (mark in FATES) items.push(itemFrom(FATES[mark] as ItemFate, fields));
  }
  return {
    state: state as UndoFile['state'],
    reason,
    items: items.map((item, index) => ({ ...item, found: notes.get(index) })),
  };
}

/** Of tasks that were found on the way the list alone knows; the knob can only be that of tasks. */
function itemFrom(
  fate: ItemFate,
  [kind, place = '', before = '', after = '']: readonly string[],
): SettledItem {
  return { knob: 'slice_ns', kind: kind as Item['kind'], place, before, after, fate };
}

function textOf(path: string): string | null {
  let fd: number | undefined;
  try {
    // A link in its place is none of ours.
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    return readFileSync(fd, 'utf8');
  } catch {
    return null;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

export function removeUndo(dir: string, id: string): void {
  try {
    unlinkSync(pathOf(dir, id));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

/** Items as the deadman takes them. */
export const undoLines = (items: readonly Item[]): string =>
  items.map(({ kind, place, before, after }) => `.\t${kind}\t${place}\t${before}\t${after}\n`).join('');

/** Items with what became of them, and after them the tasks that were found on the way. */
export const withFates = (items: readonly Item[], undo: Pick<UndoFile, 'items'>): SettledItem[] => [
  ...items.map((item, index) => {
    const { fate = 'untouched', found } = undo.items[index] ?? {};
    return { ...item, fate, found } as SettledItem;
  }),
  ...undo.items.slice(items.length),
];
