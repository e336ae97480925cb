import { readFileSync } from 'node:fs';

/** Why a wait is over: the process has used its CPU time up, has had too little of it, or none at all. */
export type Overdue = 'used up' | 'no CPU' | 'standing still';

/** USER_HZ of Linux on every architecture that the lab runs on. */
const TICK_MS = 10;
/** A second look sooner than that tells nothing. */
const LOOK_EVERY_MS = 250;
/** Of the time between two looks no more counts: who waits may itself have been stopped, or the whole machine. */
const MOST_COUNTED_MS = 2000;
/** A process that has not used one tick for so long, or for so many times its limit, is stopped or waits in vain. */
const STILL_MS = 60_000;
const STILL = 5;
/** A limit's CPU time may take so many times as long where much else is at work. */
const BUSIEST = 10;

/** CPU time of a process, all its threads, ms; 0 when it is gone. */
export function cpuTimeMs(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // After the name, which is in brackets and may hold anything: state is the third field, utime and stime 14 and 15.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
  } catch {
    return 0;
  }
}

/**
 * How long may be waited for a process: by the CPU time that it uses, so that a machine on which much is at work does not
 * change what comes of it.
 */
export class Allowance {
  private readonly from: number;
  private lookedAt = performance.now();
  private waitedMs = 0;
  private used = 0;
  private stillMs = 0;

  /**
   * @param pid null: time on the clock is what is used up
   * @param limitMs CPU time, ms; one that uses none is given up within a minute
   */
  constructor(
    private readonly pid: number | null,
    private readonly limitMs: number,
  ) {
    this.from = pid === null ? 0 : cpuTimeMs(pid);
  }

  /** Null while it may go on. */
  over(): Overdue | null {
    const now = performance.now();
    if (now - this.lookedAt < LOOK_EVERY_MS) return null;
    const since = Math.min(now - this.lookedAt, MOST_COUNTED_MS);
    this.lookedAt = now;
    this.waitedMs += since;
    const used = this.pid === null ? this.waitedMs : cpuTimeMs(this.pid) - this.from;
    this.stillMs = used > this.used ? 0 : this.stillMs + since;
    this.used = Math.max(this.used, used);
    if (this.used >= this.limitMs) return 'used up';
    if (this.stillMs >= Math.min(STILL_MS, this.limitMs * STILL)) return 'standing still';
    return this.waitedMs >= this.limitMs * BUSIEST ? 'no CPU' : null;
  }
}
