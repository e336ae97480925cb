import { createHash } from 'node:crypto';
import { usageError } from '../errors.js';
import type { KnobValues } from '../knobs/types.js';
import { changeScopeText } from './scope.js';
import type { PolicyRequest, StageRequest } from './types.js';

export const TTL_MS = { least: 1000, usual: 60_000, most: 86_400_000 } as const;
const LONGEST = { caller: 200, idempotencyKey: 200, reason: 2000 } as const;
const MOST_KNOBS = 64;

/** A request whose texts and times have been checked; knobs and values are `makeItems`' business. */
export interface CheckedRequest extends Omit<StageRequest, 'scope' | 'ttlMs'> {
  readonly scope: string;
  readonly ttlMs: number;
  /** With an idempotency key: the same for two requests that ask for the same thing. Otherwise empty. */
  readonly hash: string;
}

/** @throws TunesmithError (usage) naming the field, the value and the rule */
export function checkRequest(request: StageRequest): CheckedRequest {
  const { values } = request;
  const scope = changeScopeText(request.scope ?? 'machine');
  const names = Object.keys(values);
  checkTexts(request);
  if (names.length === 0) throw usageError('values', values, 'names no knob');
  if (names.length > MOST_KNOBS)
    throw usageError('values', names.length, `has more knobs than ${MOST_KNOBS}`, 'stage them in parts');
  const ttlMs = checkTtl(request.ttlMs ?? TTL_MS.usual);
  const hash = request.idempotencyKey === undefined ? '' : hashOf(values, scope, ttlMs);
  return { ...request, scope, ttlMs, hash };
}

/** A policy's request as a change of the whole machine whose values are the tunables. @throws as `checkRequest` */
export function checkPolicyRequest({
  object,
  tunables = {},
  timeoutMs,
  ...request
}: PolicyRequest): CheckedRequest {
  checkTexts(request);
  const ttlMs = checkTtl(request.ttlMs ?? TTL_MS.usual);
  const policy = createHash('sha256').update(object).digest('hex');
  const hash = hashOf(tunables, `policy ${policy} ${timeoutMs}`, ttlMs);
  return { ...request, values: tunables, scope: 'machine', ttlMs, hash };
}

function hashOf(values: KnobValues, what: string, ttlMs: number): string {
  const sorted = Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256')
    .update(JSON.stringify([sorted, what, ttlMs]))
    .digest('hex');
}

function checkTexts(
  request: Pick<StageRequest, 'caller' | 'idempotencyKey' | 'reason' | 'guardrails' | 'metrics'>,
): void {
  const { guardrails = [], metrics } = request;
  if (request.caller === '') throw usageError('caller', '', 'is empty', 'say who asks');
  for (const field of ['caller', 'idempotencyKey', 'reason'] as const) checkText(field, request[field]);
  if (guardrails.length > 0 && !metrics)
    throw usageError('guardrails', guardrails.length, 'cannot be watched without metrics');
}

/** A time to live. @throws TunesmithError (usage) */
export function checkTtl(ttlMs: number): number {
  if (Number.isSafeInteger(ttlMs) && ttlMs >= TTL_MS.least && ttlMs <= TTL_MS.most) return ttlMs;
  throw usageError(
    'ttlMs',
    Number.isFinite(ttlMs) ? ttlMs : String(ttlMs),
    `must be a whole number from ${TTL_MS.least} (1 s) to ${TTL_MS.most} (a day)`,
    'what is to stay longer is committed',
  );
}

function checkText(field: keyof typeof LONGEST, text: string | undefined): void {
  if (text === undefined) return;
  const most = LONGEST[field];
  if (text.length > most) throw usageError(field, `${text.slice(0, 40)}…`, `is longer than ${most} letters`);
  // What others read later, on a terminal or in a prompt, has no control characters in it.
  if (/\p{Cc}/u.test(text)) throw usageError(field, text.slice(0, 80), 'has control characters');
}
