import type { TransactionsOptions } from '../change/options.js';
import { Transactions } from '../change/transactions.js';
import type { Staged } from '../change/types.js';
import { TunesmithError } from '../errors.js';
import type { KnobValues } from '../knobs/types.js';

const CALLER = 'tune';
/** The longest there is: a step ends with the next step, with this process, or when this process hangs (the lease). */
const TTL_MS = 86_400_000;

/**
 * The values of one step of tuning, staged as changes that put themselves back: whatever ends this process, SIGKILL
 * included, its deadman puts back what was there before. Nothing is ever committed here.
 */
export class Stages {
  private changes: Transactions | undefined;
  private staged: Staged[] = [];

  constructor(private readonly options: TransactionsOptions = {}) {}

  /**
   * Puts values in force, by the scopes that changes have them in.
   * @throws TunesmithError as `Transactions.stage`; nothing stays staged then
   */
  put(byScope: ReadonlyMap<string, KnobValues>): void {
    try {
      for (const [scope, values] of byScope) {
        this.changes ??= new Transactions(this.options);
        const request = { values, scope, ttlMs: TTL_MS, caller: CALLER, reason: 'a step of tuning' };
        this.staged.push(this.changes.stage(request));
      }
    } catch (error) {
      this.back();
      throw error;
    }
  }

  /** Puts back what is staged. What somebody else changed meanwhile is left to them. */
  back(): void {
    for (const { change, token } of this.staged.splice(0).reverse()) {
      try {
        this.changes?.revert(token, { caller: CALLER });
      } catch (error) {
        // Over already: its time, the lease or `tunesmith panic` has put it back.
        if (this.changes?.find(change.id).state === 'staged') throw error;
      }
    }
  }

  /** @throws TunesmithError (rejected) when something else than `back` has ended a step */
  assertHeld(): void {
    const held = this.changes?.list({ states: ['staged'] }).map(({ id }) => id);
    const lost = this.staged.find(({ change }) => !held?.includes(change.id));
    if (!lost) return;
    const { id, state, endReason } = this.changes?.find(lost.change.id) ?? lost.change;
    const why = endReason === null ? '' : ` (${endReason})`;
    throw new TunesmithError('rejected', `${id}, the step that is measured, is ${state}${why}`, {
      hint: 'its values were not put to the test: run again, and leave its changes alone meanwhile',
    });
  }

  /** Puts back what is staged and ends the deadman. Safe to call twice. */
  close(): void {
    this.staged = [];
    this.changes?.close();
  }
}
