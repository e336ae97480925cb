import type { z } from 'zod';
import { messageOf, TunesmithError } from '../errors.js';
import type { Decision } from '../govern/call.js';
import { nearNames } from '../near.js';
import { shown, shownDeep } from '../shown.js';

/** Why a call was not done, for a program: what was wrong, which rule said so, what is allowed, what to do now. */
export interface Failure {
  readonly code:
    | 'invalid'
    | 'denied'
    | 'approval_required'
    | 'rejected'
    | 'incapable'
    | 'cancelled'
    | 'failed';
  readonly message: string;
  readonly field?: string | undefined;
  readonly rule?: string | undefined;
  readonly allowed?: string | undefined;
  readonly next: string;
  readonly retry_after_ms?: number | undefined;
  readonly approval_id?: string | undefined;
}

/** A failure as the result of a tool. */
export const failureResult = (failure: Failure) => {
  const error = shownDeep(failure);
  return {
    isError: true,
    content: [{ type: 'text' as const, text: JSON.stringify({ error }) }],
    structuredContent: { error } as Record<string, unknown>,
  };
};

const CODES = {
  usage: 'invalid',
  rejected: 'rejected',
  incapable: 'incapable',
  guest: 'failed',
  machine: 'failed',
  interrupted: 'cancelled',
  internal: 'failed',
} as const;

/** Anything thrown. `usageError` begins with the field it is about. */
export function failureOf(error: unknown): Failure {
  const message = shown(messageOf(error));
  if (!(error instanceof TunesmithError))
    return {
      code: 'failed',
      message,
      next: 'report this with the call that led to it; nothing is left staged',
    };
  const field = error.code === 'usage' ? /^([\w. -]{1,64}): /.exec(message)?.[1] : undefined;
  return {
    code: CODES[error.code],
    message,
    ...(field === undefined ? {} : { field }),
    next: error.hint ?? NEXT[error.code],
  };
}

const NEXT = {
  usage: 'correct the argument and call again',
  rejected: 'read the state of things again before another try',
  incapable: 'tunesmith doctor says what this machine lacks',
  guest: 'try once more; if it fails again, the workload or the kernel is at fault',
  machine: 'call again when less is at work on this machine; nothing was found out about what was asked',
  interrupted: 'call again when it is wanted',
  internal: 'report this with the call that led to it',
} as const;

/** The first thing that is wrong with arguments. */
export function invalid(error: z.ZodError, schema: z.ZodObject): Failure {
  const issue = error.issues[0] as z.core.$ZodIssue;
  if (issue.code === 'unrecognized_keys' && issue.path.length === 0) {
    const unknown = issue.keys[0] as string;
    const known = Object.keys(schema.shape);
    const near = nearNames(unknown, known);
    return {
      code: 'invalid',
      field: unknown,
      message: `${unknown} is no argument of this tool`,
      rule: 'only the arguments of the input schema',
      allowed: known.join(', ') || 'none',
      next: near.length > 0 ? `did you mean ${near.join(', ')}?` : 'leave it out',
    };
  }
  const field = issue.path.join('.') || 'arguments';
  return {
    code: 'invalid',
    field,
    message: `${field}: ${issue.message}`,
    rule: issue.code,
    ...allowedBy(issue),
    next: 'correct the argument as its input schema says, and call again',
  };
}

function allowedBy(issue: z.core.$ZodIssue): { allowed?: string } {
  if (issue.code === 'too_small') return { allowed: `at least ${issue.minimum}` };
  if (issue.code === 'too_big') return { allowed: `at most ${issue.maximum}` };
  if (issue.code === 'invalid_value') return { allowed: issue.values.map(String).join(', ') };
  if (issue.code === 'invalid_type') return { allowed: issue.expected };
  if (issue.code === 'invalid_format') return { allowed: issue.pattern ?? issue.format };
  return {};
}

/** The rules say no. */
export const refused = ({ rule, reasons, field, allowed, retryAfterMs }: Decision): Failure => ({
  code: 'denied',
  message: reasons.join('; '),
  rule: rule ?? 'default deny',
  field,
  allowed,
  retry_after_ms: retryAfterMs,
  next:
    retryAfterMs !== undefined
      ? `call again in ${Math.ceil(retryAfterMs / 1000)} s`
      : allowed === undefined
        ? 'ask who keeps the rules file, or do without'
        : 'choose what is allowed and call again',
});
