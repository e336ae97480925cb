import { readFileSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Item, ItemFate, SettledItem } from './types.js';

/** What the deadman says became of a change, as its undo list (native/deadman/undo.h) has it. */
export interface UndoFile {
  readonly state: 'staging' | 'staged' | 'committed' | 'reverted' | 'stuck';
  /** `-` while nothing was put back. */
  readonly reason: string;
  /** Of each item, in the list's order. */
  readonly fates: readonly { readonly fate: ItemFate; readonly found?: string | undefined }[];
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
  let text: string;
  try {
    text = readFileSync(pathOf(dir, id), 'utf8');
  } catch {
    return null;
  }
  const [head = '', ...lines] = text.split('\n');
  const [, state, reason] = HEAD.exec(head) ?? [];
  if (state === undefined || reason === undefined) return null;
  const notes = new Map<number, string>();
  const fates: { fate: ItemFate; found?: string | undefined }[] = [];
  for (const line of lines) {
    const [mark = '', index, found] = line.split('\t');
    if (mark === '#') notes.set(Number(index), found ?? '');
    else if (mark !== '') fates.push({ fate: FATES[mark] ?? 'untouched' });
  }
  return {
    state: state as UndoFile['state'],
    reason,
    fates: fates.map(({ fate }, index) => ({ fate, found: notes.get(index) })),
  };
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

/** Items with what became of them. */
export const withFates = (items: readonly Item[], { fates }: Pick<UndoFile, 'fates'>): SettledItem[] =>
  items.map((item, index) => ({ ...item, ...(fates[index] ?? { fate: 'untouched' as const }) }));
