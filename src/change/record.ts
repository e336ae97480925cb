import type { Ledger } from '../ledger/ledger.js';
import type { Entry } from '../ledger/record.js';
import type { ChangeEvent } from './types.js';

/** What the ledger keeps of something that happened to a change. */
export function changeEntry({ what, change, judged }: ChangeEvent): Entry {
  const { id, caller, before, after, scope, policy, ttlMs, endReason, state, notes, reason } = change;
  const fates = change.items.map(({ knob, place, fate, found }) => ({
    knob,
    place,
    fate,
    ...(found ? { found } : {}),
  }));
  return {
    ...{ kind: 'change', change: id, caller, decision: what === 'renewed' ? 'renewed' : state },
    ...{ before: { ...before }, after: { ...after } },
    ...(judged ? { metrics: { ...judged.metrics } } : {}),
    reasons: [...(reason === null ? [] : [reason]), ...notes].map((text) => text.slice(0, 2000)).slice(0, 50),
    details: {
      ...{ scope, ttlMs, endReason, ...(policy === null ? {} : { policy }) },
      // A scope may have thousands of tasks: those that went well are only counted.
      items: fates.length,
      fates: fates.filter(({ fate }) => fate !== 'put back' && fate !== 'staged').slice(0, 50),
      ...(judged ? { judged } : {}),
    },
  };
}

/** Keeps what happens to changes in a ledger: `new Transactions({ onEvent: recordIn(ledger) })`. */
export const recordIn =
  (ledger: Ledger) =>
  (event: ChangeEvent): void =>
    void ledger.append(changeEntry(event));
