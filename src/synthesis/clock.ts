import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { z } from 'zod';
import { storeFile } from '../state.js';
import { TIME_UP } from './search/types.js';

export const PHASES = ['sweep', 'search', 'referee'] as const;
export type Phase = (typeof PHASES)[number];
export type Took = Readonly<Record<Phase, number>>;

const ms = z.number().min(0);
const bookSchema = z.object({ sweep: ms, search: ms, referee: ms });
/** How much of it a kill may lose. */
const KEEP_EVERY_MS = 2000;

/**
 * Wall time of a synthesis by its phases, over all the processes that worked on it, and what is left of its budget: that
 * limits all of it, sweep, search, referee, checks and the folder.
 */
export class Clock {
  private readonly before: Took;
  private readonly now: Record<Phase, number> = { sweep: 0, search: 0, referee: 0 };
  private readonly over = new AbortController();
  private phase: Phase = 'sweep';
  private since = Date.now();
  private keptAt = Date.now();
  private readonly timer: NodeJS.Timeout | undefined;

  /**
   * @param file where the phases' times are kept; none: they are not
   * @param limitMs undefined: no limit
   */
  constructor(
    private readonly file: string | null,
    private readonly limitMs?: number | undefined,
  ) {
    this.before = file === null ? { sweep: 0, search: 0, referee: 0 } : read(file);
    if (file === null && limitMs === undefined) return;
    this.timer = setInterval(() => this.tick(), 100).unref();
    this.tick();
  }

  /** Aborts, with TIME_UP as its reason, when nothing is left. */
  get signal(): AbortSignal {
    return this.over.signal;
  }

  enter(phase: Phase): void {
    this.book();
    this.phase = phase;
    this.keep();
  }

  /** Ms by phase, of all processes. */
  took(): Took {
    this.book();
    const sum = (phase: Phase): number => this.before[phase] + this.now[phase];
    return { sweep: sum('sweep'), search: sum('search'), referee: sum('referee') };
  }

  /** Ms; infinite without a limit. */
  leftMs(): number {
    const { sweep, search, referee } = this.took();
    return Math.max(0, (this.limitMs ?? Number.POSITIVE_INFINITY) - sweep - search - referee);
  }

  /** Keeps the times and stops counting. */
  close(): void {
    clearInterval(this.timer);
    this.book();
    this.keep();
  }

  private tick(): void {
    if (this.leftMs() === 0) this.over.abort(TIME_UP);
    if (Date.now() - this.keptAt >= KEEP_EVERY_MS) this.keep();
  }

  private book(): void {
    const now = Date.now();
    this.now[this.phase] += Math.max(0, now - this.since);
    this.since = now;
  }

  private keep(): void {
    this.keptAt = Date.now();
    if (this.file !== null)
      storeFile(dirname(this.file), basename(this.file), Buffer.from(`${JSON.stringify(this.took())}\n`));
  }
}

/** A file that cannot be read is that of a run that was killed while it was made: nothing was spent by then. */
function read(file: string): Took {
  const none = { sweep: 0, search: 0, referee: 0 };
  if (!existsSync(file)) return none;
  try {
    return bookSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return none;
  }
}
