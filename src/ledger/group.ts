import { TunesmithError } from '../errors.js';
import type { Ledger } from './ledger.js';
import type { Entry } from './record.js';

interface Waiting {
  readonly entry: Entry;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

/** Appends what many ask for at the same moment in one go: the lock and the head are paid for once. */
export class GroupAppend {
  private waiting: Waiting[] = [];

  constructor(private readonly ledger: Ledger) {}

  /** Resolves when the record is in the file. @throws TunesmithError as `Ledger.append` */
  append(entry: Entry): Promise<void> {
    return new Promise((done, failed) => {
      if (this.waiting.push({ entry, done, failed }) === 1) setImmediate(() => this.flush());
    });
  }

  private one({ entry, done, failed }: Waiting): void {
    try {
      this.ledger.append(entry);
      done();
    } catch (error) {
      failed(error);
    }
  }

  /** Appends what waits now. */
  flush(): void {
    const group = this.waiting;
    this.waiting = [];
    if (group.length === 0) return;
    try {
      this.ledger.appendAll(group.map(({ entry }) => entry));
      for (const { done } of group) done();
    } catch (error) {
      // One of them may be at fault: each on its own then. A ledger that cannot be written is not waited for again.
      if (error instanceof TunesmithError && error.code === 'incapable')
        for (const { failed } of group) failed(error);
      else for (const one of group) this.one(one);
    }
  }
}
