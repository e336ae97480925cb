/** Transactions over real files with a real deadman and journal: knobs that any machine can change without harm. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Locator } from '../../src/change/items.js';
import type { TransactionsOptions } from '../../src/change/options.js';
import { Transactions } from '../../src/change/transactions.js';
import type { ChangeEvent } from '../../src/change/types.js';

// Every change waits for the disk several times, and the machine may be busy.

export const FIRST = { base_slice_ns: 3_000_000, migration_cost_ns: 500_000, nr_migrate: 32 } as const;
export type Name = keyof typeof FIRST;

export class Workbench {
  readonly home = mkdtempSync(join(tmpdir(), 'tunesmith-change-'));
  readonly dir = join(this.home, 'state');
  readonly events: ChangeEvent[] = [];
  readonly locate: Locator = ({ name }) => ({
    knob: name,
    path: this.path(name),
    notation: { toText: String, fromText: Number },
  });
  private readonly opened: Transactions[] = [];

  constructor() {
    for (const [name, value] of Object.entries(FIRST)) this.set(name, value);
  }

  open(options: TransactionsOptions = {}): Transactions {
    const changes = new Transactions({
      ...{
        dir: this.dir,
        locate: this.locate,
        tree: this.home,
        scheduler: 'eevdf',
        onEvent: (event) => this.events.push(event),
      },
      ...options,
    });
    this.opened.push(changes);
    return changes;
  }

  path(name: string): string {
    return join(this.home, name);
  }

  value(name: string): number {
    return Number(readFileSync(this.path(name), 'utf8'));
  }

  set(name: string, value: number): void {
    writeFileSync(this.path(name), `${value}\n`);
  }

  close(): void {
    for (const changes of this.opened) changes.close();
    rmSync(this.home, { recursive: true, force: true });
  }
}

/** A workbench that is gone when the test is over. */
export function workbench(): Workbench {
  const bench = new Workbench();
  onTestFinished(() => bench.close());
  return bench;
}

/** What was thrown. */
export function thrown(act: () => unknown): { code?: string; message: string; hint?: string } {
  try {
    act();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}
