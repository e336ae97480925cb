import type { LoadedPolicy, PolicyFault } from './policy.js';

/** How often a policy in force is looked at. */
const LOOK_MS = 500;

interface Kept {
  readonly policy: LoadedPolicy;
  /** Found, and not dealt with yet. */
  fault?: PolicyFault | undefined;
}

/** Looks after the policies that this process has put in force, staged or committed. */
export class PolicyKeeper {
  private readonly kept = new Map<number, Kept>();
  private timer: NodeJS.Timeout | undefined;

  /**
   * @param first before each look: takes up what has ended of its own accord, and is no fault
   * @param told for each change whose policy is at fault, again at the next look when it throws
   * @param failed what was thrown
   */
  constructor(
    private readonly first: () => void,
    private readonly told: (change: number, fault: PolicyFault) => void,
    private readonly failed: (error: unknown) => void,
  ) {}

  keep(change: number, policy: LoadedPolicy): void {
    this.kept.set(change, { policy });
    this.timer ??= setInterval(() => this.look(), LOOK_MS).unref();
  }

  /** A change broke its guardrails: a policy that it put in force may not come back at once. */
  blame(change: number, breach: string): void {
    this.kept.get(change)?.policy.blame(breach);
  }

  /** The change is over. */
  drop(change: number): void {
    this.kept.get(change)?.policy[Symbol.dispose]();
    this.kept.delete(change);
    if (this.kept.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }

  close(): void {
    for (const change of [...this.kept.keys()]) this.drop(change);
  }

  private look(): void {
    this.guarded(this.first);
    for (const [change, kept] of [...this.kept])
      this.guarded(() => {
        // Once: looking at a policy that was ejected opens its breaker for longer each time.
        kept.fault ??= kept.policy.look() ?? undefined;
        if (!kept.fault) return;
        this.told(change, kept.fault);
        this.drop(change);
      });
  }

  private guarded(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.failed(error);
    }
  }
}
