import type { TransactionsOptions } from '../change/options.js';
import { Transactions } from '../change/transactions.js';
import type { Change, Staged, TaskMemory } from '../change/types.js';
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
   * Puts values in force, by the scopes that changes have them in; gives the change of each.
   * @param tasks what the changes are to know of the tasks of a scope
   * @throws TunesmithError as `Transactions.stage`; nothing stays staged then
   */
  put(byScope: ReadonlyMap<string, KnobValues>, tasks?: TaskMemory): ReadonlyMap<string, Change> {
    const done = new Map<string, Change>();
    try {
      for (const [scope, values] of byScope) {
        this.changes ??= new Transactions(this.options);
        const request = { values, scope, ttlMs: TTL_MS, caller: CALLER, reason: 'a step of tuning' };
        const staged = this.changes.stage({ ...request, tasks });
        this.staged.push(staged);
        done.set(scope, staged.change);
      }
      return done;
    } catch (error) {
      this.back();
      throw error;
    }
  }

  /** Puts back what is staged; gives what became of it. What somebody else changed meanwhile is left to them. */
  back(): readonly Change[] {
    const { changes } = this;
    if (!changes) return [];
    return this.staged
      .splice(0)
      .reverse()
      .map(({ change, token }) => {
        try {
          return changes.revert(token, { caller: CALLER });
        } catch (error) {
          // Over already: its time, the lease or `tunesmith panic` has put it back.
          const now = changes.find(change.id);
          if (now.state === 'staged') throw error;
          return now;
        }
      });
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
