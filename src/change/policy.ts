import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { TunesmithError } from '../errors.js';
import { Breaker } from '../host/policy/breaker.js';
import { type PolicyStatus, policyAddon } from '../host/policy/native.js';
import { assertNone, Policy } from '../host/policy/policy.js';
import { risenUnder } from '../policies/error-events.js';
import { asksForRestart, endOf, goneBy } from '../policies/status.js';
import type { Plan } from './items.js';
import type { Row } from './journal.js';
import type { Item, PolicyRequest } from './types.js';

/** The machine has one policy at a time. */
const POLICY_CLAIM = 'policy';
/** SCX_EXIT_UNREG of enum scx_exit_kind. */
const UNREGISTERED = 64;
const ENABLINGS = '/sys/kernel/sched_ext/enable_seq';

/** How often a policy was enabled since the boot: the number names an enabling. */
const enablings = (): number => (existsSync(ENABLINGS) ? Number(readFileSync(ENABLINGS, 'utf8')) : 0);

/** Whether the very policy that a change put in force still is, by the kernel's word. */
function isInForce({ place, after }: Pick<Item, 'place' | 'after'>): boolean {
  const { state, ops } = policyAddon().readScx();
  return String(enablings()) === place && state === 'enabled' && ops === after;
}

/** Whether a change is one of the policy. */
export const isPolicy = ({ claims }: Row): boolean => (JSON.parse(claims) as string[]).includes(POLICY_CLAIM);

/** Whether a change put a policy in force that no longer is. */
export const isOut = (row: Row): boolean =>
  isPolicy(row) && !isInForce((JSON.parse(row.items) as Item[])[0] as Item);

/** Why a policy has to go, or has gone. */
export interface PolicyFault {
  readonly reason: 'ejected' | 'guardrail';
  readonly explanation: string;
}

/** A policy that the kernel has verified: ready to be attached, then handed over to a deadman, then looked after. */
export class LoadedPolicy implements Disposable {
  readonly plan: Plan;
  private events: Readonly<Record<string, number>> = {};

  private constructor(
    private readonly policy: Policy,
    private readonly breaker: Breaker,
    absent: readonly string[],
  ) {
    const { name } = policy.status();
    const place = String(enablings() + 1);
    this.plan = {
      items: [{ knob: 'policy', kind: 'policy', place, before: 'none', after: name }],
      before: {},
      warnings: absent.map((constant) => `this kernel has no ${constant}: it is 0 in the policy`),
      claims: [POLICY_CLAIM],
      touches: [POLICY_CLAIM],
      lines: '',
    };
  }

  /** @throws TunesmithError as `ChangeService.stagePolicy` */
  static load({ object, tunables, timeoutMs }: PolicyRequest): LoadedPolicy {
    const breaker = new Breaker(createHash('sha256').update(object).digest('hex'));
    breaker.assertClosed();
    assertNone(); // before the verifier is troubled
    const policy = Policy.open(object, {
      ...(tunables === undefined ? {} : { tunables }),
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    });
    try {
      const { absent } = policy.load();
      return new LoadedPolicy(policy, breaker, absent);
    } catch (error) {
      policy.close();
      throw error;
    }
  }

  /**
   * Makes it the scheduler; gives the descriptors that keep it so.
   * @throws TunesmithError as `Policy.attach`, or rejected when another was enabled meanwhile
   */
  attach(): readonly number[] {
    this.events = this.enabled().events;
    if (isInForce(this.item)) return this.policy.links();
    const { name, exit } = this.policy.status();
    this.policy.detach();
    if (asksForRestart({ exit }))
      throw new TunesmithError('rejected', goneBy({ name, exit }), { hint: 'stage it again' });
    if (exit && exit.kind !== UNREGISTERED) {
      const explanation = `the kernel ejected ${name} at once: ${endOf(exit)}`;
      const hint = `it may be tried again in ${Math.ceil(this.breaker.trip(explanation) / 1000)} s`;
      throw new TunesmithError('rejected', explanation, { hint });
    }
    throw new TunesmithError('rejected', 'another policy was enabled at the same moment', {
      hint: 'find out who loads policies on this machine, then try again',
    });
  }

  /** One that was enabled and is not any more when we look has ended by its own fault: it may not come back at once. */
  private enabled(): PolicyStatus {
    try {
      return this.policy.attach();
    } catch (error) {
      if (error instanceof TunesmithError && error.code === 'rejected' && error.errno === undefined)
        this.breaker.trip(error.message);
      throw error;
    }
  }

  /** From now on only who has copies of its descriptors keeps it in force. */
  letGo(): void {
    this.policy.detach();
  }

  /** What is wrong since the last look; null when nothing is. A fault of the policy's own opens the breaker. */
  look(): PolicyFault | null {
    // Before the status, which waits until the kernel has written why: the other way round, a policy that goes between
    // the two has left no reason yet, and who merely lost its deadman would be kept out for a minute.
    const inForce = isInForce(this.item);
    const { name, exit, events } = this.policy.status();
    if (!inForce) {
      const explanation = goneBy({ name, exit });
      // Whoever held its links let go, such as a deadman that was killed; or it may come back as soon as it is staged again.
      if (exit?.kind !== UNREGISTERED && !asksForRestart({ exit })) this.breaker.trip(explanation);
      return { reason: 'ejected', explanation };
    }
    const explanation = risenUnder(name, events, this.events);
    this.events = events;
    if (explanation === null) return null;
    this.breaker.trip(explanation);
    return { reason: 'guardrail', explanation };
  }

  /** Opens its breaker: a limit that its change named is broken under it. */
  blame(breach: string): void {
    this.breaker.trip(`under ${this.item.after}: ${breach}`);
  }

  [Symbol.dispose](): void {
    this.policy.close();
  }

  private get item(): Item {
    return this.plan.items[0] as Item;
  }
}
