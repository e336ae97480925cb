import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../errors.js';
import { risenUnder } from '../../policies/error-events.js';
import { asksForRestart, goneBy } from '../../policies/status.js';
import type { Breaker } from './breaker.js';
import type { PolicyStatus } from './native.js';
import type { Policy } from './policy.js';

export interface GuardOptions {
  /** Says what limit is broken, or null. One that throws counts as broken: an unwatched policy is not kept. */
  readonly guardrail?: (status: PolicyStatus) => string | null | Promise<string | null>;
  /** Between two looks, ms; default 500. */
  readonly intervalMs?: number;
  /** Ends the watch and detaches; no fault of the policy’s. */
  readonly signal?: AbortSignal;
  /** A policy that has held this long has its earlier ejections forgotten, ms; default ten minutes. */
  readonly provenMs?: number;
}

/** How a guarded policy ended; `restart`: as it asked for, because a CPU came or went. The kernel’s own scheduler is back in every case. */
export interface GuardEnd {
  readonly cause: 'stopped' | 'restart' | 'ejected' | 'errors-rising' | 'guardrail';
  readonly explanation: string;
  /** How long it may not come back, ms; 0 when it was stopped or asks to be started again. */
  readonly waitMs: number;
  readonly status: PolicyStatus;
}

type Fault = Pick<GuardEnd, 'cause' | 'explanation'>;

/** What is wrong since the look before; null when nothing is. */
async function faultIn(
  now: PolicyStatus,
  before: PolicyStatus,
  options: GuardOptions,
): Promise<Fault | null> {
  if (!now.enabled) return { cause: asksForRestart(now) ? 'restart' : 'ejected', explanation: goneBy(now) };
  const risen = risenUnder(now.name, now.events, before.events);
  if (risen !== null) return { cause: 'errors-rising', explanation: risen };
  try {
    const breach = (await options.guardrail?.(now)) ?? null;
    return breach === null ? null : { cause: 'guardrail', explanation: `under ${now.name}: ${breach}` };
  } catch (error) {
    return { cause: 'guardrail', explanation: `its guardrail cannot be read: ${messageOf(error)}` };
  }
}

/**
 * Watches an attached policy until it is stopped or at fault. At a fault the policy is detached, which puts the
 * kernel’s own scheduler back, and the breaker opened: it is never attached again from here.
 */
export async function guard(policy: Policy, breaker: Breaker, options: GuardOptions = {}): Promise<GuardEnd> {
  const { intervalMs = 500, provenMs = 600_000, signal } = options;
  const started = Date.now();
  let before = policy.status();
  let fault = await faultIn(before, before, options);
  while (fault === null && !signal?.aborted) {
    await sleep(intervalMs, undefined, { signal }).catch(() => {});
    const now = policy.status();
    fault = signal?.aborted && now.enabled ? null : await faultIn(now, before, options);
    before = now;
    if (fault === null && Date.now() - started >= provenMs) breaker.reset();
  }
  policy.detach();
  if (fault === null)
    return {
      cause: 'stopped',
      explanation: `${before.name} was stopped`,
      waitMs: 0,
      status: policy.status(),
    };
  const waitMs = fault.cause === 'restart' ? 0 : breaker.trip(fault.explanation);
  return { ...fault, waitMs, status: before };
}
