import { formatNs, parseDuration } from '../units.js';
import type { RuleEntry } from './schema.js';

/** Why a call comes too soon, and for how long, ms. */
export interface TooSoon {
  readonly reason: string;
  readonly retryAfterMs: number;
}

const msOf = (duration: string): number => parseDuration(duration, 'duration') / 1e6;

/** Books what a rule has let through, on a clock that only goes forward, ms. */
export class Pace {
  private readonly byCaller = new Map<string, number[]>();
  private last = Number.NEGATIVE_INFINITY;

  constructor(private readonly rule: Pick<RuleEntry, 'rate' | 'cooldown'>) {}

  /** Null when a call of this caller may go now. */
  tooSoon(caller: string, now: number): TooSoon | null {
    const { rate, cooldown } = this.rule;
    const rested = cooldown === undefined ? 0 : this.last + msOf(cooldown) - now;
    if (rested > 0)
      return { reason: `its cooldown of ${cooldown} is not over`, retryAfterMs: Math.ceil(rested) };
    if (rate === undefined) return null;
    const recent = this.recent(caller, now);
    if (recent.length < rate.max) return null;
    const wait = (recent[0] as number) + msOf(rate.per) - now;
    return {
      reason: `${rate.max} calls in ${formatNs(msOf(rate.per) * 1e6)} are all it lets through`,
      retryAfterMs: Math.ceil(wait),
    };
  }

  /** A call was let through. */
  book(caller: string, now: number): void {
    this.last = now;
    if (this.rule.rate !== undefined) this.byCaller.set(caller, [...this.recent(caller, now), now]);
  }

  private recent(caller: string, now: number): number[] {
    const { rate } = this.rule;
    const since = rate === undefined ? now : now - msOf(rate.per);
    return (this.byCaller.get(caller) ?? []).filter((at) => at > since);
  }
}
