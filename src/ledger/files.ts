import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stateDir } from '../state.js';

export const ledgerDir = (): string => join(stateDir(), 'ledger');

const NAME = /^ledger-(\d{6})\.jsonl$/;

/** The ledger's files, oldest first. */
export const ledgerFiles = (dir: string): string[] =>
  existsSync(dir)
    ? readdirSync(dir, { withFileTypes: true })
        // A pipe or a link of that name is none of ours: reading it might never end.
        .flatMap((entry) => (entry.isFile() && NAME.test(entry.name) ? [entry.name] : []))
        .sort()
    : [];

export const FIRST_FILE = 'ledger-000001.jsonl';
export const nextFile = (name: string): string =>
  `ledger-${String(Number(NAME.exec(name)?.[1] ?? 0) + 1).padStart(6, '0')}.jsonl`;

/** One line of the ledger, where it stands, and whether a newline ends it. */
export interface Line {
  readonly file: string;
  /** From 1. */
  readonly number: number;
  readonly text: string;
  readonly whole: boolean;
}

export function* linesOf(dir: string, file: string): Generator<Line, void, void> {
  const text = readFileSync(join(dir, file), 'utf8');
  let number = 0;
  for (let at = 0; at < text.length; ) {
    const end = text.indexOf('\n', at);
    number += 1;
    yield { file, number, text: text.slice(at, end < 0 ? undefined : end), whole: end >= 0 };
    at = end < 0 ? text.length : end + 1;
  }
}

/** All lines of all files, oldest first. */
export function* allLines(dir: string): Generator<Line, void, void> {
  for (const file of ledgerFiles(dir)) yield* linesOf(dir, file);
}
