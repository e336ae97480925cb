import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type Database from 'better-sqlite3';
import { TunesmithError, usageError } from '../errors.js';
import { openDatabase } from '../sqlite.js';
import { ensureDir, stateDir } from '../state.js';

export type ApprovalState = 'pending' | 'approved' | 'denied' | 'used' | 'expired';

/** A question to a person: may this caller make exactly this call, once? */
export interface Approval {
  readonly id: string;
  readonly caller: string;
  readonly tool: string;
  /** Hash of caller, tool and arguments: an approval is for that call and no other. */
  readonly digest: string;
  /** The call in words, for who decides. */
  readonly summary: string;
  readonly rule: string;
  readonly state: ApprovalState;
  /** Wall clock, for people. */
  readonly askedAt: string;
  readonly remainingMs: number;
  readonly by: string | null;
  readonly justification: string | null;
}

interface Row extends Omit<Approval, 'remainingMs' | 'state'> {
  readonly state: Exclude<ApprovalState, 'expired'>;
  readonly endsAt: number;
  readonly boot: string;
}

const SCHEMA = `CREATE TABLE IF NOT EXISTS approval (
  id TEXT PRIMARY KEY, caller TEXT NOT NULL, tool TEXT NOT NULL, digest TEXT NOT NULL, summary TEXT NOT NULL,
  rule TEXT NOT NULL, state TEXT NOT NULL, askedAt TEXT NOT NULL, endsAt REAL NOT NULL, boot TEXT NOT NULL,
  by TEXT, justification TEXT) STRICT`;

/** A caller that asks and asks must not bury what a person should see. */
const PENDING_LIMIT = 50;
/** Answered and expired questions that are kept for a look. */
const KEPT = 1000;

/** CLOCK_MONOTONIC, ms: the same for every process of this boot, and no step of the wall clock moves it. */
const monotonicMs = (): number => Number(process.hrtime.bigint()) / 1e6;
const bootId = (): string => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();

/** Approvals on this machine, shared by servers and `tunesmith approve`; they end with the boot. */
export class Approvals {
  private readonly db: Database.Database;
  private readonly boot = bootId();

  constructor(
    path: string = join(ensureDir(stateDir()), 'approvals.sqlite'),
    private readonly clock: () => number = monotonicMs,
  ) {
    this.db = openDatabase(path);
    this.db.pragma('busy_timeout = 5000');
    this.db.pragma('journal_mode = WAL');
    this.db.exec(SCHEMA);
  }

  /**
   * Asks; the same call of the same caller is asked once while it waits.
   * @throws TunesmithError (rejected) when this caller has too many questions open
   */
  ask(question: Pick<Approval, 'caller' | 'tool' | 'digest' | 'summary' | 'rule'>, ttlMs: number): Approval {
    const open = this.all().filter(({ state, caller }) => state === 'pending' && caller === question.caller);
    const same = open.find(({ digest }) => digest === question.digest);
    if (same) return same;
    if (open.length >= PENDING_LIMIT)
      throw new TunesmithError('rejected', `${question.caller} has ${open.length} approvals open`, {
        hint: 'wait until they are answered or have expired',
      });
    const id = `ap_${randomBytes(6).toString('hex')}`;
    this.db
      .prepare(
        `INSERT INTO approval VALUES (@id, @caller, @tool, @digest, @summary, @rule, 'pending', @askedAt, @endsAt, @boot, NULL, NULL)`,
      )
      .run({
        ...question,
        id,
        askedAt: new Date().toISOString(),
        endsAt: this.clock() + ttlMs,
        boot: this.boot,
      });
    this.db.prepare('DELETE FROM approval WHERE rowid <= (SELECT max(rowid) FROM approval) - ?').run(KEPT);
    return this.find(id);
  }

  /** @throws TunesmithError (usage) when there is none of that id */
  find(id: string): Approval {
    const row = this.db.prepare('SELECT * FROM approval WHERE id = ?').get(id) as Row | undefined;
    if (!row) throw usageError('approval', id, 'is not known', 'tunesmith approve --list shows what is open');
    return this.seen(row);
  }

  /** Newest first. */
  all(): Approval[] {
    const rows = this.db.prepare('SELECT * FROM approval ORDER BY rowid DESC').all() as Row[];
    return rows.map((row) => this.seen(row));
  }

  /**
   * A person's answer. `by` is who they are.
   * @throws TunesmithError usage without a justification, rejected when it waits no longer or `by` is who asked
   */
  answer(id: string, granted: boolean, by: string, justification: string): Approval {
    if (justification.trim() === '')
      throw usageError('--why', justification, 'says nothing', 'say why, in a few words');
    const { caller, state } = this.find(id);
    if (by === caller)
      throw new TunesmithError('rejected', `${id} was asked by ${caller}, who cannot answer it`, {
        hint: 'another person has to',
      });
    const changed = this.db
      .prepare(
        "UPDATE approval SET state = ?, by = ?, justification = ? WHERE id = ? AND state = 'pending' AND endsAt > ? AND boot = ?",
      )
      .run(granted ? 'approved' : 'denied', by, justification, id, this.clock(), this.boot).changes;
    if (changed === 0)
      throw new TunesmithError('rejected', `${id} waits no longer: it is ${state}`, {
        hint: 'have the call made again',
      });
    return this.find(id);
  }

  /**
   * Uses up an approval for a call, if there is one: once, whoever else tries at the same time. Where there is none it
   * only reads, which waits for no other process's lock: a client asks again and again while nobody has answered.
   */
  take(digest: string): Approval | null {
    const isThere = this.db
      .prepare("SELECT 1 FROM approval WHERE digest = ? AND state = 'approved' AND endsAt > ? AND boot = ?")
      .get(digest, this.clock(), this.boot);
    if (isThere === undefined) return null;
    const row = this.db
      .prepare(
        `UPDATE approval SET state = 'used' WHERE rowid = (SELECT rowid FROM approval
         WHERE digest = ? AND state = 'approved' AND endsAt > ? AND boot = ? LIMIT 1) RETURNING *`,
      )
      .get(digest, this.clock(), this.boot) as Row | undefined;
    return row ? this.seen(row) : null;
  }

  /** An approval that was taken and not used after all, for the same call to be made once more while it lasts. */
  giveBack(id: string): void {
    this.db.prepare("UPDATE approval SET state = 'approved' WHERE id = ? AND state = 'used'").run(id);
  }

  close(): void {
    this.db.close();
  }

  private seen({ endsAt, boot, ...row }: Row): Approval {
    const remainingMs = boot === this.boot ? Math.max(0, Math.round(endsAt - this.clock())) : 0;
    const waits = row.state === 'pending' || row.state === 'approved';
    return { ...row, state: waits && remainingMs === 0 ? 'expired' : row.state, remainingMs };
  }
}
