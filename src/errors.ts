/** Exit codes of the command line: they are part of its contract (docs/cli.md). */
export const EXIT = { done: 0, rejected: 1, usage: 2, incapable: 3 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** What went wrong, in a form a program can branch on. */
export type ErrorCode =
  | 'usage' // the caller asked for something that does not exist or is out of range
  | 'rejected' // the thing asked for was tried, and failed a check or a guardrail
  | 'incapable' // this machine cannot do it: a package, privilege or kernel feature is missing
  | 'guest' // the lab guest panicked, hung or flooded its output: by itself, so it would again
  | 'machine' // this machine was too busy, or a process of ours was ended: says nothing of what was tried
  | 'interrupted' // a signal ended the work
  | 'internal'; // a promise of our own was broken

const EXIT_OF: Record<ErrorCode, ExitCode> = {
  usage: EXIT.usage,
  rejected: EXIT.rejected,
  incapable: EXIT.incapable,
  guest: EXIT.rejected,
  machine: EXIT.incapable,
  interrupted: EXIT.rejected,
  internal: EXIT.rejected,
};

/**
 * The one error type of this project. `message` names the field, the value and the rule that was broken;
 * `hint` says the way out in one sentence.
 */
export class TunesmithError extends Error {
  override readonly name = 'TunesmithError';
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  /** What the kernel answered, where it was the kernel: errno's number. */
  readonly errno: number | undefined;
  readonly exitCode: ExitCode;

  constructor(
    code: ErrorCode,
    message: string,
    options: { hint?: string; errno?: number; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
    this.errno = options.errno;
    this.exitCode = EXIT_OF[code];
  }
}

/**
 * The machinery failed, not what was tried with it: a compiler that got no CPU within its limit, a guest whose QEMU was
 * ended or stands still. It is no verdict on a policy, a setting or a model's reply: whoever meets it tries again when
 * less is at work, and says what could not be measured if that fails as well.
 */
export class MachineFailed extends TunesmithError {
  /** @param what did not get done, in words that can stand after a colon */
  constructor(what: string, options: { hint?: string; cause?: unknown } = {}) {
    super('machine', what, { hint: 'try again when less is at work on this machine', ...options });
  }
}

/** Longest value that a message repeats. */
const VALUE_LIMIT = 300;

function given(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > VALUE_LIMIT ? `${text.slice(0, VALUE_LIMIT)}…` : text;
}

/** An error for a bad argument: names the field, the value as given (its beginning), and the rule. */
export function usageError(field: string, value: unknown, rule: string, hint?: string): TunesmithError {
  const message = `${field}: ${given(value)} ${rule}`;
  return new TunesmithError('usage', message, hint === undefined ? {} : { hint });
}

/** An error for an argument that was left out. */
export const missing = (field: string, hint: string): TunesmithError =>
  new TunesmithError('usage', `${field} is missing`, { hint });

/** The message of anything thrown. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
