import type { ChangeEvent } from '../change/types.js';

/** Keeps what happens to changes, and records it when there is time: the ledger is loaded only if something did. */
export interface LaterRecord {
  readonly onEvent: (event: ChangeEvent) => void;
  /** @throws TunesmithError (incapable) when the ledger cannot be written */
  readonly write: () => Promise<void>;
}

/**
 * A record for commands that only look or put back. What stages must not use it: what cannot be recorded must not stay
 * in force.
 */
export function recordLater(): LaterRecord {
  const events: ChangeEvent[] = [];
  return {
    onEvent: (event) => void events.push(event),
    write: async () => {
      if (events.length === 0) return;
      const [{ Ledger }, { changeEntry }] = await Promise.all([
        import('../ledger/ledger.js'),
        import('../change/record.js'),
      ]);
      using ledger = new Ledger();
      ledger.appendAll(events.splice(0).map(changeEntry));
    },
  };
}
