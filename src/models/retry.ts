import { setTimeout as sleep } from 'node:timers/promises';
import { ModelError } from './failure.js';

/** How a call is tried again; times in ms. */
export interface RetryPolicy {
  readonly attempts: number;
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
  /** Of one attempt. */
  readonly timeoutMs: number;
}

/** Attempts that may run out of time: a model that was too slow twice is too slow. */
const MOST_TIMEOUTS = 2;

/**
 * Tries until it works, what failed will not pass, or the attempts are used up. Pauses double and are drawn evenly
 * from zero to that ("full jitter"), so that many clients do not come back at once; a provider's Retry-After counts
 * when it is longer, and ends the attempts when it is longer than the longest pause.
 * @param signal ends attempt and pause
 * @param draw even in [0, 1): where in its span a pause lies
 * @throws ModelError, of the last attempt
 */
export async function withRetry<T>(
  name: string,
  policy: RetryPolicy,
  signal: AbortSignal | undefined,
  attempt: (signal: AbortSignal) => Promise<T>,
  draw: () => number = Math.random,
): Promise<T> {
  let timeouts = 0;
  for (let made = 1; ; made++) {
    try {
      return await inTime(name, policy.timeoutMs, signal, attempt);
    } catch (error) {
      if (!(error instanceof ModelError) || !error.isPassing || made >= policy.attempts) throw error;
      if (error.kind === 'time' && ++timeouts >= MOST_TIMEOUTS) throw error;
      const asked = error.retryAfterMs ?? 0;
      if (asked > policy.longestPauseMs) throw error;
      await pause(name, Math.max(asked, jittered(policy, made, draw)), signal);
    }
  }
}

/**
 * The pause after so many attempts (from 1), ms.
 * @param draw even in [0, 1)
 */
export function jittered(
  { firstPauseMs, longestPauseMs }: Pick<RetryPolicy, 'firstPauseMs' | 'longestPauseMs'>,
  made: number,
  draw: () => number,
): number {
  return draw() * Math.min(longestPauseMs, firstPauseMs * 2 ** (made - 1));
}

async function inTime<T>(
  name: string,
  timeoutMs: number,
  signal: AbortSignal | undefined,
  attempt: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    return await attempt(signal ? AbortSignal.any([signal, timeout]) : timeout);
  } catch (error) {
    if (signal?.aborted) throw stopped(name);
    if (timeout.aborted) throw new ModelError('time', `${name}: no reply within ${timeoutMs / 1000} s`);
    throw error;
  }
}

async function pause(name: string, ms: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(ms, undefined, signal ? { signal } : {});
  } catch {
    throw stopped(name);
  }
}

const stopped = (name: string): ModelError => new ModelError('stopped', `${name}: stopped`);
