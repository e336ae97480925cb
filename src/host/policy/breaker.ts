import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { TunesmithError } from '../../errors.js';
import { ensureDir, stateDir, storeFile } from '../../state.js';

const record = z.object({ trips: z.int().positive(), until: z.number(), reason: z.string() });

export interface BreakerOptions {
  /** Where it is remembered; default: beside the other state of this user. */
  readonly home?: string;
  /** Wait after the first trip, ms; doubled at each further one up to `mostMs`. Default one minute. */
  readonly firstMs?: number;
  /** Default: a day. */
  readonly mostMs?: number;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/**
 * Keeps a policy that was ejected from coming back at once, over restarts too: each trip doubles the wait. What a
 * service manager restarts again and again is refused again and again, and touches nothing.
 */
export class Breaker {
  private readonly home: string;
  private readonly file: string;
  private readonly firstMs: number;
  private readonly mostMs: number;
  private readonly now: () => number;

  /** @param id of the policy: the hash of its object. */
  constructor(id: string, options: BreakerOptions = {}) {
    this.home = ensureDir(options.home ?? join(stateDir(), 'breakers'));
    this.file = `${id}.json`;
    this.firstMs = options.firstMs ?? 60_000;
    this.mostMs = options.mostMs ?? 86_400_000;
    this.now = options.now ?? Date.now;
  }

  /** @throws TunesmithError (rejected) while it is open, with the reason and the time left. */
  assertClosed(): void {
    const last = this.read();
    const leftMs = (last?.until ?? 0) - this.now();
    if (last && leftMs > 0)
      throw new TunesmithError(
        'rejected',
        `the policy was ejected ${last.trips === 1 ? 'once' : `${last.trips} times`}, lately because: ${last.reason}`,
        { hint: `it may be tried again in ${Math.ceil(leftMs / 1000)} s` },
      );
  }

  /** Opens it; returns how long for, ms. */
  trip(reason: string): number {
    const trips = (this.read()?.trips ?? 0) + 1;
    const waitMs = Math.min(this.firstMs * 2 ** (trips - 1), this.mostMs);
    const text = JSON.stringify({ trips, until: this.now() + waitMs, reason });
    storeFile(this.home, this.file, Buffer.from(`${text}\n`));
    return waitMs;
  }

  /** Forgets what was: the policy has held, or a person says so. */
  reset(): void {
    rmSync(join(this.home, this.file), { force: true });
  }

  /** A damaged record counts as none. */
  private read(): z.infer<typeof record> | null {
    const path = join(this.home, this.file);
    if (!existsSync(path)) return null;
    try {
      return record.parse(JSON.parse(readFileSync(path, 'utf8')));
    } catch {
      return null;
    }
  }
}
