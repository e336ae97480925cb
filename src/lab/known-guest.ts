import { MachineFailed, TunesmithError } from '../errors.js';
import type { Session } from './session.js';

/** A guest that has come up before comes up again, whatever is tried in it later: when not, it is this machine's doing. */
export const asMachines = (error: unknown): unknown =>
  error instanceof TunesmithError && error.code === 'guest'
    ? new MachineFailed(error.message, { ...(error.hint && { hint: error.hint }), cause: error })
    : error;

/** How a guest comes to its first gate, and what is said when it is not the known one. */
export interface Making {
  readonly what: string;
  readonly again: string;
  readonly attempts: number;
  readonly hint?: string;
  readonly make: () => Promise<Session>;
  /** Forgets what such a guest was made from. */
  readonly discard?: () => void;
}

/** Why a guest is not the known one, or null. */
export function offFingerprint(session: Session, known: string | null): string | null {
  const tsc = session.tsc();
  return known === null || known === tsc ? null : `the clock at the first gate is ${tsc} instead of ${known}`;
}
