import type { KnobValues } from '../knobs/types.js';
import type { Risk, Verdict } from './schema.js';

/** What somebody wants to do, as the rules see it: after its arguments were found to be sound. */
export interface Call {
  readonly tool: string;
  readonly caller: string;
  /** Arguments that are single numbers or texts, by name. */
  readonly arguments?: Readonly<Record<string, unknown>>;
  /** The sched_ext policy it is about. */
  readonly policy?: string;
  /** Knobs it would set (of a policy its tunables), and what is in force now. */
  readonly values?: KnobValues;
  readonly current?: KnobValues;
  /** `machine`, `cpus:0-3`, `cgroup:/a`, `pid:12`, `tree:12`, in whatever spelling. */
  readonly scope?: string;
  /** What the scope may also be called (`reachOf`): a rule that denies one of them denies the call. */
  readonly reaches?: readonly string[];
  /** The highest of what it touches; a call that changes nothing has none. */
  readonly risk?: Risk;
}

/** What the rules say of a call. */
export interface Decision {
  readonly verdict: Verdict;
  /** The rule that decided; null: none is for this call. */
  readonly rule: string | null;
  /** Sentences, most important first. */
  readonly reasons: readonly string[];
  /** The argument that broke a limit, and what is allowed instead. */
  readonly field?: string;
  readonly allowed?: string;
  /** When the same call may be let through, ms from now. */
  readonly retryAfterMs?: number;
  readonly approval: 'any' | 'out-of-band';
}
