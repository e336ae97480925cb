import { rmSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { messageOf } from '../errors.js';
import { cacheDir, ensureDir } from '../state.js';

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS trials (
    key TEXT NOT NULL, rigour TEXT NOT NULL, spec TEXT NOT NULL, result TEXT NOT NULL, made TEXT NOT NULL,
    PRIMARY KEY (key, rigour)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS fingerprints (
    base TEXT NOT NULL, rigour TEXT NOT NULL, tsc TEXT NOT NULL, PRIMARY KEY (base, rigour)
  ) STRICT;
`;

/** Opens the cache; one that is damaged is thrown away (everything in it can be measured again), and said. */
function open(path: string): Database.Database {
  const attempt = (): Database.Database => {
    const db = new Database(path, { timeout: 10_000 });
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = NORMAL');
    db.exec(SCHEMA);
    return db;
  };
  try {
    return attempt();
  } catch (error) {
    if (!/malformed|not a database|disk image/.test(messageOf(error))) throw error;
    process.stderr.write(`the trial cache ${path} was damaged (${messageOf(error)}) and is started anew\n`);
    for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true });
    return attempt();
  }
}

/** What the lab remembers between runs: results by key, and the known fingerprint of each prepared guest. */
export class Store {
  private readonly db: Database.Database;

  constructor(path = join(ensureDir(cacheDir()), 'trials.sqlite')) {
    this.db = open(path);
  }

  /** A cached result; a damaged row counts as none. */
  result(key: string, rigour: string): unknown {
    const row = this.db.prepare('SELECT result FROM trials WHERE key = ? AND rigour = ?').get(key, rigour);
    try {
      return row === undefined ? null : JSON.parse((row as { result: string }).result);
    } catch {
      return null;
    }
  }

  keep(key: string, rigour: string, spec: object, result: object): void {
    this.db
      .prepare('INSERT OR REPLACE INTO trials VALUES (?, ?, ?, ?, ?)')
      .run(key, rigour, JSON.stringify(spec), JSON.stringify(result), new Date().toISOString());
  }

  /** Guest TSC at the first gate, once known for these inputs. */
  fingerprint(base: string, rigour: string): string | null {
    const row = this.db
      .prepare('SELECT tsc FROM fingerprints WHERE base = ? AND rigour = ?')
      .get(base, rigour);
    return (row as { tsc: string } | undefined)?.tsc ?? null;
  }

  keepFingerprint(base: string, rigour: string, tsc: string): void {
    this.db.prepare('INSERT OR REPLACE INTO fingerprints VALUES (?, ?, ?)').run(base, rigour, tsc);
  }

  close(): void {
    this.db.close();
  }
}
