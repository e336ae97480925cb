import { join } from 'node:path';
import type Database from 'better-sqlite3';
import { messageOf, TunesmithError } from '../errors.js';
import { openDatabase } from '../sqlite.js';

/** Where the chain ends: without it, records cut off at the end would leave no trace. */
export interface Head {
  readonly seq: number;
  readonly hash: string;
  /** The file the last record is in, and the file's length after it. */
  readonly file: string;
  readonly size: number;
}

/**
 * Longest wait for another writer. It blocks this process, and a server renews the leases of what it has staged on the
 * same thread: half of a lease.
 */
const BUSY_MS = 5000;

/**
 * The ledger's head and its writers' lock, in a small SQLite file: its locks die with their process. It is not synced:
 * after a power cut the lines that are there are taken up again (`Ledger.append`).
 */
export class HeadFile {
  private readonly db: Database.Database;
  private readonly select: Database.Statement;
  private readonly replace: Database.Statement;

  /** @throws TunesmithError (incapable) when it cannot be used */
  constructor(dir: string) {
    try {
      this.db = openDatabase(join(dir, 'head.sqlite'), { timeout: BUSY_MS });
      this.db.pragma('journal_mode = WAL');
      this.db.pragma('synchronous = OFF');
      this.db.exec(
        'CREATE TABLE IF NOT EXISTS head (one INTEGER PRIMARY KEY CHECK (one = 1), seq INTEGER NOT NULL, hash TEXT NOT NULL, file TEXT NOT NULL, size INTEGER NOT NULL) STRICT',
      );
      // Once for all records: a call of the MCP server spent a good part of its time preparing these.
      this.select = this.db.prepare('SELECT seq, hash, file, size FROM head');
      this.replace = this.db.prepare('INSERT OR REPLACE INTO head VALUES (1, @seq, @hash, @file, @size)');
    } catch (cause) {
      throw unusable(cause);
    }
  }

  /** Runs `work` while no other process writes; what it returns is the new head. */
  locked(work: (head: Head | undefined) => Head): Head {
    const all = this.db.transaction((): Head => {
      const head = work(this.read());
      this.replace.run(head);
      return head;
    });
    try {
      return all.immediate();
    } catch (error) {
      throw unusable(error);
    }
  }

  read(): Head | undefined {
    return this.select.get() as Head | undefined;
  }

  close(): void {
    this.db.close();
  }
}

const unusable = (cause: unknown): TunesmithError =>
  cause instanceof TunesmithError
    ? cause
    : new TunesmithError('incapable', `the ledger cannot be written: ${messageOf(cause).split('\n')[0]}`, {
        hint: 'make room where XDG_STATE_HOME lies, and see that it may be written',
        cause,
      });
