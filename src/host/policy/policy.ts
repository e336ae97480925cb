import { messageOf, TunesmithError, usageError } from '../../errors.js';
import { native } from '../../native.js';
import { endOf } from '../../policies/status.js';
import {
  type PolicyHandle,
  type PolicyStatus,
  type PolicyVariable,
  type ProgramCost,
  policyAddon,
} from './native.js';

export interface PolicyOptions {
  /** Global variables set before the load, by name; whole numbers, or booleans. */
  readonly tunables?: Readonly<Record<string, number | boolean>>;
  /** The longest a task may wait before the kernel ejects the policy, ms, 100 to 30000; default 3000. */
  readonly timeoutMs?: number;
}

/** What loading came to. */
export interface Loaded {
  readonly programs: readonly ProgramCost[];
  /** The policy’s own timeout (0: none) and the one in force, ms. */
  readonly declaredTimeoutMs: number;
  readonly timeoutMs: number;
  /** Constants of the kernel’s that the policy asks for and this kernel lacks; they are 0. */
  readonly absent: readonly string[];
}

const TIMEOUT_MS = { least: 100, default: 3000, most: 30_000 } as const;
const AS_ROOT = 'run as root, or with CAP_BPF and CAP_PERFMON';

/**
 * A sched_ext policy on this machine. Nothing is pinned: when the process ends, however it ends, the kernel puts its
 * own scheduler back. Needs a kernel with sched_ext, CAP_BPF and CAP_PERFMON (or root), and libbpf 1.4.
 */
export class Policy {
  private closed = false;

  private constructor(private readonly handle: PolicyHandle) {}

  /**
   * Reads a compiled policy and sets its tunables; nothing reaches the kernel yet.
   * @throws TunesmithError usage naming what is wrong with the object, a tunable or the timeout; incapable without
   * libbpf.
   */
  static open(object: Buffer, options: PolicyOptions = {}): Policy {
    const { tunables = {}, timeoutMs = TIMEOUT_MS.default } = options;
    const { least, most } = TIMEOUT_MS;
    if (!Number.isInteger(timeoutMs) || timeoutMs < least || timeoutMs > most)
      throw usageError('timeoutMs', timeoutMs, `must be a whole number from ${least} to ${most}`);
    const policy = new Policy(told(() => policyAddon().openPolicy(object, timeoutMs)));
    try {
      for (const [name, value] of Object.entries(tunables)) policy.set(name, value);
      return policy;
    } catch (error) {
      policy.close();
      throw error;
    }
  }

  /** Its whole-number global variables, with the values they have now. */
  variables(): readonly PolicyVariable[] {
    return policyAddon().policyVariables(this.opened());
  }

  /**
   * Sets a variable: a constant before the load only, any other at any time, also while the policy is in force.
   * @throws TunesmithError usage naming the variable, its type, and those there are.
   */
  set(name: string, value: number | boolean): void {
    const number = Number(value);
    if (!Number.isSafeInteger(number)) throw usageError(name, value, 'is not a whole number');
    told(() => policyAddon().setPolicyVariable(this.opened(), name, number));
  }

  /**
   * Has the kernel verify it.
   * @throws TunesmithError incapable when this machine cannot load any, rejected with the verifier’s words.
   */
  load(): Loaded {
    assertCapable();
    const done = told(() => policyAddon().loadPolicy(this.opened()));
    if (done.errno === 0) return done;
    const last = done.log.trim().split('\n').slice(-3).join('; ');
    throw new TunesmithError(
      'rejected',
      `the kernel refuses the policy ${done.name}: ${done.messages.trim()}`,
      {
        errno: done.errno,
        ...(last ? { hint: last } : {}),
      },
    );
  }

  /**
   * Makes it the scheduler, and makes sure that it is.
   * @throws TunesmithError rejected with the reason when the kernel does not enable it, incapable when another is in
   * force.
   */
  attach(): PolicyStatus {
    assertNone();
    const errno = told(() => policyAddon().attachPolicy(this.opened()));
    const status = this.status();
    if (errno === 0 && status.enabled) return status;
    this.detach();
    throw new TunesmithError(
      'rejected',
      `the kernel does not enable the policy ${status.name}: ${endOf(status.exit)}`,
      errno === 0 ? {} : { errno },
    );
  }

  status(): PolicyStatus {
    return policyAddon().policyStatus(this.opened());
  }

  /** Its counters and live tunables. */
  stats(): Readonly<Record<string, number>> {
    return this.status().figures;
  }

  /** The descriptors that keep it attached: a process that has copies of them keeps it so after `detach`. */
  links(): readonly number[] {
    return policyAddon().policyLinks(this.opened());
  }

  /** Puts the kernel’s own scheduler back; `status` then has how it ended. Safe to call twice. */
  detach(): void {
    policyAddon().detachPolicy(this.opened());
  }

  /** Detaches and frees everything. Safe to call twice. */
  close(): void {
    this.closed = true;
    policyAddon().closePolicy(this.handle);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  private opened(): PolicyHandle {
    if (!this.closed) return this.handle;
    throw new TunesmithError('usage', 'the policy is closed', { hint: 'open it again with Policy.open()' });
  }
}

/** @throws TunesmithError (incapable) while a policy is in force, whoever's it is */
export function assertNone(): void {
  const { ops } = policyAddon().readScx();
  if (ops)
    throw new TunesmithError('incapable', `the policy ${ops} is in force on this machine`, {
      hint: 'end it first; nothing was changed',
    });
}

const OTHER_KERNEL =
  'boot one built with CONFIG_SCHED_CLASS_EXT=y (Debian’s from 6.16 on), or try the policy in the lab';

/** That the kernel that runs has sched_ext. @throws TunesmithError (incapable) with that way out */
export function assertSchedExt(hint: string = OTHER_KERNEL): void {
  if (!policyAddon().readScx().supported)
    throw new TunesmithError('incapable', 'this kernel has no sched_ext', { hint });
}

/** Names what is missing: sched_ext, capabilities. @throws TunesmithError (incapable) */
export function assertCapable(): void {
  assertSchedExt();
  const has = native().capabilities();
  if (has.sysAdmin) return;
  const lacking = [...(has.bpf ? [] : ['CAP_BPF']), ...(has.perfmon ? [] : ['CAP_PERFMON'])];
  if (lacking.length > 0)
    throw new TunesmithError('incapable', `policies need ${lacking.join(' and ')}`, { hint: AS_ROOT });
}

/** Runs a native call; what it throws becomes an error of ours. */
function told<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    if (error instanceof TunesmithError) throw error;
    const { reason, errno, hint } = error as { reason?: string; errno?: number; hint?: string };
    throw new TunesmithError(reason === 'no-libbpf' ? 'incapable' : 'usage', messageOf(error), {
      ...(hint ? { hint } : {}),
      ...(errno ? { errno } : {}),
      cause: error,
    });
  }
}
