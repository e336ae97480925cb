import { join } from 'node:path';
import { messageOf, TunesmithError } from '../errors.js';
import { openDatabase } from '../sqlite.js';
import { ensureDir, stateDir } from '../state.js';
import { today } from './prices.js';
import { added, NOTHING, type Spent } from './spent.js';

/** What was spent today, over every process of this user. */
export interface DayBook {
  /**
   * Adds `most` unless `check`, which is given the day so far, throws; both as one step. The function it returns
   * corrects that entry, on the day it was made.
   */
  reserve(most: Spent, check: (sofar: Spent) => void): (correction: Spent) => void;
}

/** A book that forgets: for replayed tapes, which cost nothing. */
export const noBook: DayBook = {
  reserve: (_, check) => {
    check(NOTHING);
    return () => {};
  },
};

const TABLE =
  'CREATE TABLE IF NOT EXISTS spent (day TEXT PRIMARY KEY, calls INTEGER NOT NULL, ' +
  'tokens INTEGER NOT NULL, usd REAL NOT NULL) STRICT';

/** A call that died with its process stays set aside, so the book errs on the dear side. */
class FileBook implements DayBook {
  constructor(private readonly path: string) {}

  reserve(most: Spent, check: (sofar: Spent) => void): (correction: Spent) => void {
    const day = today();
    this.change(day, (sofar) => {
      check(sofar);
      return most;
    });
    return (correction) => this.change(day, () => correction);
  }

  private change(day: string, by: (sofar: Spent) => Spent): void {
    try {
      this.write(day, by);
    } catch (cause) {
      if (!isOfSqlite(cause)) throw cause;
      throw new TunesmithError('incapable', `${this.path}: cannot be written: ${messageOf(cause)}`, {
        hint: 'it holds what models have cost today; when it is damaged, move it away',
        cause,
      });
    }
  }

  private write(day: string, by: (sofar: Spent) => Spent): void {
    const database = openDatabase(this.path);
    try {
      database.exec(TABLE);
      database
        .transaction(() => {
          const row = database.prepare('SELECT calls, tokens, usd FROM spent WHERE day = ?').get(day);
          const sofar = (row as Spent | undefined) ?? NOTHING;
          const { calls, tokens, usd } = added(sofar, by(sofar));
          database
            .prepare('INSERT OR REPLACE INTO spent (day, calls, tokens, usd) VALUES (?, ?, ?, ?)')
            .run(day, calls, tokens, usd);
        })
        .immediate();
    } finally {
      database.close();
    }
  }
}

const isOfSqlite = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_');

/** The book in the state directory. @throws TunesmithError (incapable) when that cannot be made */
export const dayBook = (): DayBook => new FileBook(join(ensureDir(stateDir(), 'models'), 'spent.db'));
