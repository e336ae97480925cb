import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { TunesmithError } from '../../errors.js';
import { ensureDir, stateDir, storeFile } from '../../state.js';

/** What a breaker remembers. */
interface Trips {
  readonly trips: number;
  readonly until: number;
  readonly reason: string;
}

/** By hand: a schema library takes longer to load than all else that a change needs. */
function isTrips(value: unknown): value is Trips {
  const { trips, until, reason } = (value ?? {}) as Partial<Record<keyof Trips, unknown>>;
  return (
    Number.isSafeInteger(trips) &&
    (trips as number) > 0 &&
    typeof until === 'number' &&
    typeof reason === 'string'
  );
}

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
  private read(): Trips | null {
    const path = join(this.home, this.file);
    if (!existsSync(path)) return null;
    try {
      const found: unknown = JSON.parse(readFileSync(path, 'utf8'));
      return isTrips(found) ? found : null;
    } catch {
      return null;
    }
  }
}
