import type { LoadedPolicy, PolicyFault } from './policy.js';

/** How often a policy in force is looked at. */
const LOOK_MS = 500;

/** Looks after the policies that this process has put in force, staged or committed. */
export class PolicyKeeper {
  private readonly kept = new Map<number, LoadedPolicy>();
  private timer: NodeJS.Timeout | undefined;

  /**
   * @param first before each look: takes up what has ended of its own accord, and is no fault
   * @param told once for each change whose policy is at fault
   */
  constructor(
    private readonly first: () => void,
    private readonly told: (change: number, fault: PolicyFault) => void,
  ) {}

  keep(change: number, policy: LoadedPolicy): void {
    this.kept.set(change, policy);
    this.timer ??= setInterval(() => this.look(), LOOK_MS).unref();
  }

  /** A change broke its guardrails: a policy that it put in force may not come back at once. */
  blame(change: number, breach: string): void {
    this.kept.get(change)?.blame(breach);
  }

  /** The change is over. */
  drop(change: number): void {
    this.kept.get(change)?.[Symbol.dispose]();
    this.kept.delete(change);
    if (this.kept.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }

  close(): void {
    for (const change of [...this.kept.keys()]) this.drop(change);
  }

  private look(): void {
    this.first();
    for (const [change, policy] of [...this.kept]) {
      const fault = policy.look();
      if (!fault) continue;
      this.drop(change);
      this.told(change, fault);
    }
  }
}
