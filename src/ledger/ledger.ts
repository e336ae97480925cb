import {
  closeSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { messageOf, TunesmithError } from '../errors.js';
import { assertOwnFile } from '../state/own.js';
import { ensureDir } from '../state.js';
import { FIRST_FILE, ledgerDir, nextFile } from './files.js';
import { type Head, HeadFile } from './head.js';
import { type Entry, entrySchema, GENESIS, readLine, sealedLine } from './record.js';

export interface LedgerOptions {
  /** Default: `ledger` in the state directory. */
  readonly dir?: string | undefined;
  /** A file that has grown past this is followed by another; bytes. */
  readonly rotateAt?: number | undefined;
}

const ROTATE_AT = 8 * 1024 * 1024;

/**
 * The account of calls, decisions, measurements and reasons: append-only JSON lines, each with the hash of the one
 * before, over as many files as it takes. Any number of processes may append.
 */
export class Ledger implements Disposable {
  readonly dir: string;
  private readonly head: HeadFile;
  private readonly rotateAt: number;
  /** The file written last: opening it anew for each record cost as much as writing it. */
  private open: { readonly file: string; readonly fd: number; readonly ino: number } | undefined;

  /** @throws TunesmithError (incapable) when its directory cannot be used */
  constructor({ dir = ledgerDir(), rotateAt = ROTATE_AT }: LedgerOptions = {}) {
    this.dir = ensureDir(dir);
    this.rotateAt = rotateAt;
    this.head = new HeadFile(this.dir);
  }

  /**
   * Adds a record; it is in the file when this returns (on the disk with `sync`). What a crash left half-written is
   * taken away first, and that is recorded too.
   * @returns its number in the chain
   * @throws TunesmithError (internal) for an entry that breaks the schema, (incapable) when it cannot be written
   */
  append(entry: Entry, options: { readonly sync?: boolean } = {}): number {
    return this.appendAll([entry], options);
  }

  /** Several in one go, which costs little more than one. @returns the number of the last @throws as `append` */
  appendAll(entries: readonly Entry[], options: { readonly sync?: boolean } = {}): number {
    const checked = entries.map(checkedEntry);
    return this.head.locked((head) => {
      const { at, torn } = this.takeUp(head);
      const repair = torn > 0 ? [{ kind: 'repair', details: { tornBytes: torn } }] : [];
      return this.write([...repair, ...checked], at, options.sync);
    }).seq;
  }

  close(): void {
    if (this.open) closeSync(this.open.fd);
    this.open = undefined;
    this.head.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** The true end: lines that were written by a process that died before it could move the head are taken up. */
  private takeUp(head: Head | undefined): { at: Head; torn: number } {
    let at = head ?? { seq: 0, hash: GENESIS, file: FIRST_FILE, size: 0 };
    const path = join(this.dir, at.file);
    assertOwnFile(path);
    const length = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    if (length <= at.size) return { at, torn: 0 };
    const fd = openSync(path, 'r+');
    try {
      const rest = Buffer.alloc(length - at.size);
      readSync(fd, rest, 0, rest.length, at.size);
      for (let end = rest.indexOf(10), from = 0; end >= 0; from = end + 1, end = rest.indexOf(10, from)) {
        const read = readLine(rest.toString('utf8', from, end));
        if ('wrong' in read || read.record.prev !== at.hash) break;
        at = { ...at, seq: read.record.seq, hash: read.record.hash, size: at.size + end + 1 - from };
      }
      if (length > at.size) ftruncateSync(fd, at.size);
    } finally {
      closeSync(fd);
    }
    return { at, torn: length - at.size };
  }

  /** The file of that name: one that was taken away meanwhile is made anew. */
  private opened(file: string): number {
    const path = join(this.dir, file);
    const known = this.open;
    if (known?.file === file && statSync(path, { throwIfNoEntry: false })?.ino === known.ino) return known.fd;
    if (known) closeSync(known.fd);
    this.open = undefined;
    assertOwnFile(path);
    const fd = openSync(path, 'a', 0o600);
    this.open = { file, fd, ino: fstatSync(fd).ino };
    return fd;
  }

  private write(entries: readonly Entry[], at: Head, sync = false): Head {
    const file = at.size >= this.rotateAt ? nextFile(at.file) : at.file;
    let { seq, hash } = at;
    let text = '';
    for (const entry of entries) {
      seq += 1;
      const sealed = sealedLine(entry, seq, hash, new Date().toISOString());
      hash = sealed.hash;
      text += `${sealed.line}\n`;
    }
    const bytes = Buffer.from(text);
    try {
      const fd = this.opened(file);
      for (let put = 0; put < bytes.length; ) put += writeSync(fd, bytes, put);
      if (sync) fsyncSync(fd);
    } catch (cause) {
      throw new TunesmithError('incapable', `the ledger cannot be written: ${messageOf(cause)}`, {
        hint: 'make room where XDG_STATE_HOME lies',
        cause,
      });
    }
    return { seq, hash, file, size: (file === at.file ? at.size : 0) + bytes.length };
  }
}

function checkedEntry(entry: Entry): Entry {
  const checked = entrySchema.safeParse(entry);
  if (checked.success) return checked.data;
  throw new TunesmithError(
    'internal',
    `a ledger entry breaks its schema: ${checked.error.issues[0]?.message}`,
  );
}
