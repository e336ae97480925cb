import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import type Database from 'better-sqlite3';
import { messageOf, TunesmithError, usageError } from '../errors.js';
import { openDatabase } from '../sqlite.js';

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS changes (
    n INTEGER PRIMARY KEY, state TEXT NOT NULL, caller TEXT NOT NULL, scope TEXT NOT NULL,
    key TEXT, request TEXT NOT NULL, claims TEXT NOT NULL, before TEXT NOT NULL, after TEXT NOT NULL,
    items TEXT NOT NULL, reason TEXT, boot TEXT NOT NULL, owner TEXT NOT NULL, deadman INTEGER NOT NULL,
    staged_at TEXT NOT NULL, ttl_ms INTEGER NOT NULL, deadline_ms INTEGER NOT NULL,
    ended_at TEXT, end_reason TEXT, notes TEXT NOT NULL DEFAULT '[]'
  ) STRICT;
  CREATE UNIQUE INDEX IF NOT EXISTS changes_by_key ON changes (caller, key) WHERE key IS NOT NULL;
  CREATE INDEX IF NOT EXISTS open_by_number ON changes (n) WHERE state IN ('staged', 'committed');
  CREATE TABLE IF NOT EXISTS secret (bytes BLOB NOT NULL) STRICT;
`;

/** By the index, said outright: a journal keeps all that ever was, and SQLite would rather read the whole of it. */
const OPEN = "INDEXED BY open_by_number WHERE state IN ('staged', 'committed')";

/** A change as it is stored; texts named `claims`, `before`, `after`, `items` and `notes` are JSON. */
export interface Row {
  readonly n: number;
  readonly state: string;
  readonly caller: string;
  readonly scope: string;
  readonly key: string | null;
  /** Hash of what was asked, for the idempotency key; empty without one. */
  readonly request: string;
  readonly claims: string;
  readonly before: string;
  readonly after: string;
  readonly items: string;
  readonly reason: string | null;
  readonly boot: string;
  /** `PID:START` of the process that staged it. */
  readonly owner: string;
  /** Process of the deadman that holds it. */
  readonly deadman: number;
  readonly staged_at: string;
  readonly ttl_ms: number;
  /** CLOCK_BOOTTIME. */
  readonly deadline_ms: number;
  readonly ended_at: string | null;
  readonly end_reason: string | null;
  readonly notes: string;
}

export type NewRow = Omit<Row, 'n' | 'ended_at' | 'end_reason' | 'notes' | 'state'>;
/** What a row becomes. */
export type Ending = Pick<Row, 'state' | 'items' | 'end_reason' | 'notes'>;

const NEW = [
  ...['caller', 'scope', 'key', 'request', 'claims', 'before', 'after', 'items', 'reason', 'boot', 'owner'],
  ...['deadman', 'staged_at', 'ttl_ms', 'deadline_ms'],
] as const satisfies readonly (keyof NewRow)[];
const INSERT = `INSERT INTO changes (state, ${NEW}) VALUES ('staged', ${NEW.map(() => '?')})`;

const TOKEN = /^chg_([1-9]\d{0,14})_([0-9a-f]{32})$/;

/**
 * The journal of changes: SQLite, and every write is on the disk when the call returns (WAL, synchronous=FULL). A
 * row is there before the first value is written, so whoever comes next knows what there was.
 */
export class Journal {
  private readonly db: Database.Database;
  private readonly secret: Buffer;
  private lastSeal: { readonly text: string; readonly seal: string } | undefined;
  private readonly statements = new Map<string, Database.Statement>();
  private readonly insert: Database.Transaction<(make: () => NewRow) => { row: Row; made: number }>;

  /**
   * @param synced told of every write how long it took until it was on the disk, ms
   * @throws TunesmithError (incapable) here and below when it cannot be opened, read or written
   */
  constructor(
    dir: string,
    private readonly synced: (ms: number) => void = () => {},
  ) {
    const path = join(dir, 'changes.sqlite');
    assertPlain(path);
    try {
      this.db = openDatabase(path);
      this.db.pragma('journal_mode = WAL');
      this.db.pragma('synchronous = FULL');
      this.db.exec(SCHEMA);
      this.secret = this.db
        .transaction((): Buffer => {
          const known = this.db.prepare('SELECT bytes FROM secret').get() as { bytes: Buffer } | undefined;
          if (known) return known.bytes;
          const bytes = randomBytes(32);
          this.db.prepare('INSERT INTO secret VALUES (?)').run(bytes);
          return bytes;
        })
        .immediate();
      this.insert = this.db.transaction((make) => {
        const row = make();
        const made = performance.now();
        const n = Number(this.statement(INSERT).run(...NEW.map((name) => row[name])).lastInsertRowid);
        return { row: { ...row, n, state: 'staged', ended_at: null, end_reason: null, notes: '[]' }, made };
      });
    } catch (error) {
      throw unusable(error);
    }
  }

  /** Runs `make` while nobody else can add a row, and adds what it gives; returns the new row. */
  add(make: () => NewRow): Row {
    try {
      const { row, made } = this.insert.immediate(make);
      this.synced(performance.now() - made);
      return row;
    } catch (error) {
      throw unusable(error);
    }
  }

  row(n: number): Row | undefined {
    return this.read('SELECT * FROM changes WHERE n = ?', n)[0];
  }

  byKey(caller: string, key: string): Row | undefined {
    return this.read('SELECT * FROM changes WHERE caller = ? AND key = ?', caller, key)[0];
  }

  /** In these states, newest first. */
  inStates(states: readonly string[], limit?: number): Row[] {
    const marks = states.map(() => '?').join();
    const open = states.every((state) => state === 'staged' || state === 'committed');
    const rows = open ? `${OPEN} AND` : 'WHERE';
    const sql = `SELECT * FROM changes ${rows} state IN (${marks}) ORDER BY n DESC`;
    return limit === undefined ? this.read(sql, ...states) : this.read(`${sql} LIMIT ?`, ...states, limit);
  }

  /** Staged or committed after that one. */
  openAfter(n: number): Row[] {
    return this.read(`SELECT * FROM changes ${OPEN} AND n > ?`, n);
  }

  /** Moves a row on; null when it is no longer as it was: somebody else was quicker. */
  end(row: Row, { state, items, end_reason, notes }: Ending): Row | null {
    const ended_at = new Date().toISOString();
    const moved = this.write(
      'UPDATE changes SET state = ?, items = ?, end_reason = ?, notes = ?, ended_at = ? WHERE n = ? AND state = ?',
      ...[state, items, end_reason, notes, ended_at, row.n, row.state],
    );
    return moved ? { ...row, state, items, end_reason, notes, ended_at } : null;
  }

  /** As `end`. */
  commit(row: Row): Row | null {
    const moved = this.write(
      "UPDATE changes SET state = 'committed' WHERE n = ? AND state = 'staged'",
      row.n,
    );
    return moved ? { ...row, state: 'committed' } : null;
  }

  /** A change that never was in force does not use its key up. */
  freeKey(n: number): void {
    this.write('UPDATE changes SET key = NULL WHERE n = ?', n);
  }

  /** A staged change that turned out to have more values. */
  grow(n: number, { items, claims }: Pick<Row, 'items' | 'claims'>): void {
    this.write('UPDATE changes SET items = ?, claims = ? WHERE n = ?', items, claims, n);
  }

  extend(n: number, deadlineMs: number): void {
    this.write('UPDATE changes SET deadline_ms = ? WHERE n = ?', deadlineMs, n);
  }

  note(n: number, notes: readonly string[]): void {
    this.write('UPDATE changes SET notes = ? WHERE n = ?', JSON.stringify(notes), n);
  }

  /** The token of a change: cannot be guessed or made up without this journal. */
  token(n: number): string {
    return `chg_${n}_${this.changeSeal(String(n))}`;
  }

  /** The number in a token. @throws TunesmithError (usage) for one that is none of ours */
  numberOf(token: string): number {
    const [, digits, seal] = TOKEN.exec(token) ?? [];
    if (digits === undefined || seal === undefined)
      throw usageError(
        'token',
        token.slice(0, 80),
        'is no change token',
        'it looks like chg_12_… and comes from staging',
      );
    const mine = Buffer.from(this.changeSeal(digits));
    if (!timingSafeEqual(mine, Buffer.from(seal)))
      throw usageError('token', `chg_${digits}_…`, 'was not made here', 'use the token that staging gave');
    return Number(digits);
  }

  /** 32 hex digits that only this journal can make of a text: integrity for what travels through a caller's hands. */
  seal(text: string): string {
    return createHmac('sha256', this.secret).update(text).digest('hex').slice(0, 32);
  }

  close(): void {
    this.db.close();
  }

  /** Remembers the last: a change is mostly staged, committed and reverted before the next one is. */
  private changeSeal(digits: string): string {
    if (this.lastSeal?.text !== digits) this.lastSeal = { text: digits, seal: this.seal(`change ${digits}`) };
    return this.lastSeal.seal;
  }

  private statement(sql: string): Database.Statement {
    const known = this.statements.get(sql) ?? this.db.prepare(sql);
    this.statements.set(sql, known);
    return known;
  }

  private read(sql: string, ...values: unknown[]): Row[] {
    try {
      return this.statement(sql).all(...values) as Row[];
    } catch (error) {
      throw unusable(error);
    }
  }

  private write(sql: string, ...values: unknown[]): boolean {
    try {
      const began = performance.now();
      const { changes } = this.statement(sql).run(...values);
      this.synced(performance.now() - began);
      return changes > 0;
    } catch (error) {
      throw unusable(error);
    }
  }
}

/** SQLite follows links: one in the journal's place would have it write elsewhere. */
function assertPlain(path: string): void {
  for (const file of [path, `${path}-wal`, `${path}-shm`]) {
    const found = lstatSync(file, { throwIfNoEntry: false });
    if (found && !found.isFile())
      throw new TunesmithError(
        'incapable',
        `the journal of changes cannot be used: ${file} is no plain file`,
        {
          hint: 'find out who put it there, and remove it; `tunesmith panic` puts everything back without the journal',
        },
      );
  }
}

const unusable = (cause: unknown): TunesmithError =>
  cause instanceof TunesmithError
    ? cause
    : new TunesmithError(
        'incapable',
        `the journal of changes cannot be used: ${messageOf(cause).split('\n')[0]}`,
        {
          hint: 'make room where XDG_STATE_HOME lies; `tunesmith panic` puts everything back without the journal',
          cause,
        },
      );
