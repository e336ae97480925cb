import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type Database from 'better-sqlite3';
import type { z } from 'zod';
import { messageOf, TunesmithError } from '../errors.js';
import { openDatabase } from '../sqlite.js';
import { cacheDir, ensureDir } from '../state.js';

/** With the tables' version in it: clones of several ages share a cache, and what is in it can be measured again. */
const FILE = 'trials-2.sqlite';
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS trials (
    key TEXT NOT NULL, rigour TEXT NOT NULL, spec TEXT NOT NULL, result TEXT NOT NULL, sum TEXT NOT NULL,
    made TEXT NOT NULL, PRIMARY KEY (key, rigour)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS fingerprints (
    base TEXT NOT NULL, rigour TEXT NOT NULL, tsc TEXT NOT NULL, PRIMARY KEY (base, rigour)
  ) STRICT;
`;

function open(path: string): Database.Database {
  const db = openDatabase(path);
  try {
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = NORMAL');
    db.exec(SCHEMA);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Of a row's whole content, so that a result under another's key is noticed too. */
const sumOf = (key: string, rigour: string, result: string): string =>
  createHash('sha256').update(`${key}\n${rigour}\n${result}`).digest('hex');

const isDamage = (error: unknown): boolean => /malformed|not a database|disk image/.test(messageOf(error));

/** What the lab remembers between runs: results by key, and the known fingerprint of each prepared guest. */
export class Store {
  private db: Database.Database | null = null;

  /** @throws TunesmithError (incapable) here and below when the file cannot be opened, read or written. */
  constructor(private readonly path = join(ensureDir(cacheDir()), FILE)) {
    this.use(() => undefined);
  }

  /**
   * A cached result. A row that is not what was kept (by its hash), or not of the schema, is reported and counts as
   * none: what it stood for is measured again.
   */
  result<T>(key: string, rigour: string, schema: z.ZodType<T>): T | null {
    const row = this.use((db) =>
      db.prepare('SELECT result, sum FROM trials WHERE key = ? AND rigour = ?').get(key, rigour),
    ) as { readonly result: string; readonly sum: string } | undefined;
    if (row === undefined) return null;
    try {
      if (row.sum !== sumOf(key, rigour, row.result)) throw new Error('its checksum is wrong');
      return schema.parse(JSON.parse(row.result));
    } catch (error) {
      const [reason] = messageOf(error).split('\n');
      process.stderr.write(
        `trial cache ${this.path}: row ${key} is damaged (${reason}); it is measured again\n`,
      );
      return null;
    }
  }

  /** Whether there is a row; that it is sound shows when it is read. */
  has(key: string, rigour: string): boolean {
    return this.use(
      (db) => db.prepare('SELECT 1 FROM trials WHERE key = ? AND rigour = ?').get(key, rigour) !== undefined,
    );
  }

  keep(key: string, rigour: string, spec: object, result: object): void {
    const text = JSON.stringify(result);
    const row = [key, rigour, JSON.stringify(spec), text, sumOf(key, rigour, text), new Date().toISOString()];
    this.use((db) => db.prepare('INSERT OR REPLACE INTO trials VALUES (?, ?, ?, ?, ?, ?)').run(row));
  }

  /** Guest TSC at the first gate, once known for these inputs. */
  fingerprint(base: string, rigour: string): string | null {
    const row = this.use((db) =>
      db.prepare('SELECT tsc FROM fingerprints WHERE base = ? AND rigour = ?').get(base, rigour),
    );
    return (row as { tsc: string } | undefined)?.tsc ?? null;
  }

  keepFingerprint(base: string, rigour: string, tsc: string): void {
    this.use((db) =>
      db.prepare('INSERT OR REPLACE INTO fingerprints VALUES (?, ?, ?)').run(base, rigour, tsc),
    );
  }

  /** The known fingerprint was of a guest that was off: puts another in its place, and drops what was measured from it. */
  refuteFingerprint(base: string, rigour: string, tsc: string): void {
    const wrong = this.fingerprint(base, rigour);
    this.keepFingerprint(base, rigour, tsc);
    this.use((db) =>
      db
        .prepare("DELETE FROM trials WHERE rigour = ? AND result ->> '$.fingerprint.start' = ?")
        .run(rigour, wrong),
    );
  }

  close(): void {
    this.db?.close();
    this.db = null;
  }

  /** A damaged cache is thrown away (everything in it can be measured again), and said; the work is done again. */
  private use<T>(work: (db: Database.Database) => T): T {
    const attempt = (): T => {
      this.db ??= open(this.path);
      return work(this.db);
    };
    try {
      return attempt();
    } catch (error) {
      if (!isDamage(error)) throw this.unusable(error);
      process.stderr.write(
        `the trial cache ${this.path} was damaged (${messageOf(error)}) and is started anew\n`,
      );
      this.close();
      for (const suffix of ['', '-wal', '-shm']) rmSync(this.path + suffix, { force: true });
      return attempt();
    }
  }

  private unusable(cause: unknown): TunesmithError {
    if (cause instanceof TunesmithError) return cause;
    const [reason = ''] = messageOf(cause).split('\n');
    return new TunesmithError('incapable', `the trial cache ${this.path} cannot be used: ${reason}`, {
      hint: 'make room and give write permission there, or set XDG_CACHE_HOME to another place',
      cause,
    });
  }
}
