import { type ErrorCode, TunesmithError } from '../errors.js';

/** Why there is no reply. */
export type FailureKind =
  | 'key' // refused, 401 or 403
  | 'model' // the provider does not know it
  | 'request' // the provider does not take the request
  | 'rate' // 429
  | 'server' // 5xx
  | 'network' // no connection, or cut off
  | 'time' // no reply in time
  | 'reply' // what came is no reply of this protocol, or too long
  | 'budget' // another call would go over it
  | 'tape' // not on the tape
  | 'stopped'; // the caller's signal

const CODE: Readonly<Record<FailureKind, ErrorCode>> = {
  key: 'incapable',
  model: 'usage',
  request: 'usage',
  rate: 'incapable',
  server: 'incapable',
  network: 'incapable',
  time: 'incapable',
  reply: 'incapable',
  budget: 'rejected',
  tape: 'rejected',
  stopped: 'interrupted',
};

const PASSING: readonly FailureKind[] = ['rate', 'server', 'network', 'time'];

/** A call that brought no reply. Messages are redacted before they get here. */
export class ModelError extends TunesmithError {
  /** How long the provider asks to wait, ms. */
  readonly retryAfterMs: number | undefined;
  /** The status of the server's answer, where there was one. */
  readonly status: number | undefined;

  constructor(
    readonly kind: FailureKind,
    message: string,
    options: { hint?: string; cause?: unknown; retryAfterMs?: number | undefined; status?: number } = {},
  ) {
    super(CODE[kind], message, options);
    this.retryAfterMs = options.retryAfterMs;
    this.status = options.status;
  }

  /** Whether another attempt may do better. */
  get isPassing(): boolean {
    return PASSING.includes(this.kind);
  }
}
