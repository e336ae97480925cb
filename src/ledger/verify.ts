import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { allLines, FIRST_FILE, type Line, ledgerFiles, nextFile } from './files.js';
import { type Head, HeadFile } from './head.js';
import { GENESIS, type LedgerRecord, readLine } from './record.js';

/** What a look at the whole chain found. */
export interface Verification {
  readonly ok: boolean;
  readonly records: number;
  readonly files: number;
  /** Hash of the last record: write it down elsewhere, and even a ledger made anew as a whole is found out. */
  readonly head: string;
  /** What is wrong, with file and line, at most `MOST`; empty when ok. */
  readonly problems: readonly string[];
  /** What is in order but worth telling: a line that a crash cut off. */
  readonly notes: readonly string[];
}

const MOST = 20;

/** Checks every record: its own hash, its number, the hash of the one before, the files' order, and the chain's end. */
export function verifyLedger(dir: string): Verification {
  const problems: string[] = [];
  const notes: string[] = [];
  const head = readHead(dir);
  const files = ledgerFiles(dir);
  checkNames(files, problems);
  let last: LedgerRecord | undefined;
  let seen = 0;
  let headSeen = head === undefined || head.seq === 0;
  for (const line of allLines(dir)) {
    const where = `${line.file}:${line.number}`;
    if (!line.whole && isLast(line, files)) {
      notes.push(`${where}: the last line is cut off; the next record takes it away`);
      continue;
    }
    const read = readLine(line.text);
    if ('wrong' in read) {
      problems.push(`${where} ${read.wrong}`);
      last = undefined;
      continue;
    }
    const { record } = read;
    if (seen === 0 || last) problems.push(...misplaced(record, last).map((text) => `${where} ${text}`));
    if (head && record.seq === head.seq) {
      headSeen = true;
      if (record.hash !== head.hash) problems.push(`${where} is not the record that the head remembers`);
    }
    last = record;
    seen += 1;
  }
  if (!headSeen) problems.push(`records are missing at the end: the head remembers number ${head?.seq}`);
  if (head === undefined && seen > 0)
    problems.push('the head is gone: whether records are missing at the end cannot be told');
  return {
    ok: problems.length === 0,
    ...{ records: seen, files: files.length, head: last?.hash ?? GENESIS },
    ...{ problems: problems.slice(0, MOST), notes },
  };
}

function misplaced(record: LedgerRecord, last: LedgerRecord | undefined): string[] {
  const seq = (last?.seq ?? 0) + 1;
  const found: string[] = [];
  if (record.seq !== seq)
    found.push(`has number ${record.seq}, and ${seq} is due: records were removed or reordered`);
  else if (record.prev !== (last?.hash ?? GENESIS))
    found.push('does not follow the record before: that one was replaced');
  return found;
}

function checkNames(files: readonly string[], problems: string[]): void {
  let due = FIRST_FILE;
  for (const file of files) {
    if (file !== due) problems.push(`${due} is missing`);
    due = nextFile(file);
  }
}

const isLast = ({ file }: Line, files: readonly string[]): boolean => file === files.at(-1);

function readHead(dir: string): Head | undefined {
  if (!existsSync(join(dir, 'head.sqlite'))) return undefined;
  const file = new HeadFile(dir);
  try {
    return file.read();
  } finally {
    file.close();
  }
}
