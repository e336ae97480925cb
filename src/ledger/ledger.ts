import { closeSync, fsyncSync, ftruncateSync, openSync, readSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf, TunesmithError } from '../errors.js';
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
    const checked = entrySchema.safeParse(entry);
    if (!checked.success)
      throw new TunesmithError(
        'internal',
        `a ledger entry breaks its schema: ${checked.error.issues[0]?.message}`,
      );
    return this.head.locked((head) => {
      const { at, torn } = this.takeUp(head);
      const repaired = torn > 0 ? this.write({ kind: 'repair', details: { tornBytes: torn } }, at) : at;
      return this.write(checked.data, repaired, options.sync);
    }).seq;
  }

  close(): void {
    this.head.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** The true end: lines that were written by a process that died before it could move the head are taken up. */
  private takeUp(head: Head | undefined): { at: Head; torn: number } {
    let at = head ?? { seq: 0, hash: GENESIS, file: FIRST_FILE, size: 0 };
    const path = join(this.dir, at.file);
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

  private write(entry: Entry, at: Head, sync = false): Head {
    const file = at.size >= this.rotateAt ? nextFile(at.file) : at.file;
    const start = file === at.file ? at.size : 0;
    const { line, hash } = sealedLine(entry, at.seq + 1, at.hash, new Date().toISOString());
    const bytes = Buffer.from(`${line}\n`);
    try {
      const fd = openSync(join(this.dir, file), 'a', 0o600);
      try {
        for (let put = 0; put < bytes.length; ) put += writeSync(fd, bytes, put);
        if (sync) fsyncSync(fd);
      } finally {
        closeSync(fd);
      }
    } catch (cause) {
      throw new TunesmithError('incapable', `the ledger cannot be written: ${messageOf(cause)}`, {
        hint: 'make room where XDG_STATE_HOME lies',
        cause,
      });
    }
    return { seq: at.seq + 1, hash, file, size: start + bytes.length };
  }
}
