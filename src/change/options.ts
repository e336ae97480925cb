import { join } from 'node:path';
import type { SchedulerClass } from '../knobs/types.js';
import { stateDir } from '../state.js';
import type { Locator } from './items.js';
import type { ChangeEvent } from './types.js';

/** Where a change is on its way; for harnesses that kill here (`tunesmith bench control`). */
export type Step =
  | 'planned'
  | 'journalled'
  | 'in force'
  | 'staged'
  | 'committing'
  | 'kept'
  | 'reverting'
  | 'put back';

export interface TransactionsOptions {
  /** Journal, undo lists and deadmen's sockets; default: `change` in the state directory. */
  readonly dir?: string | undefined;
  readonly locate?: Locator | undefined;
  /** A directory whose plain files count as knobs, with a `locate` of its own: for experiments and tests. */
  readonly tree?: string | undefined;
  readonly scheduler?: SchedulerClass | undefined;
  /** How long the deadman waits for a sign of life of this process before it puts everything back, ms. */
  readonly leaseMs?: number | undefined;
  /** Told of everything that happens to changes, as far as this process sees it. */
  readonly onEvent?: ((event: ChangeEvent) => void) | undefined;
  readonly onStep?: ((step: Step) => void) | undefined;
  /** Told how long each write of the journal took until it was on the disk, ms. */
  readonly onSync?: ((ms: number) => void) | undefined;
}

export const changeDir = (): string => join(stateDir(), 'change');
export const LEASE_MS = 10_000;
