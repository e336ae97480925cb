import { recordIn } from '../change/record.js';
import { Transactions } from '../change/transactions.js';
import { Ledger } from '../ledger/ledger.js';

/** Runs `work` on this machine's changes, all of it recorded in the ledger as it happens. */
export async function withChanges<T>(work: (changes: Transactions) => T | Promise<T>): Promise<T> {
  using ledger = new Ledger();
  using changes = new Transactions({ onEvent: recordIn(ledger) });
  return await work(changes);
}
