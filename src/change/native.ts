import { loadAddon, type Outcome } from '../native.js';

/** The way to deadmen (native/core/deadman.h). Calls are synchronous and bounded. */
export interface DeadmanAddon {
  /** `fd` is -1 and `pid` 0 unless ok. `tree`: plain files below it count as knobs; empty: none do. */
  startDeadman(
    program: string,
    dir: string,
    leaseMs: number,
    timeoutMs: number,
    tree: string,
  ): Outcome & { fd: number; pid: number };
  connectDeadman(dir: string, pid: number, timeoutMs: number): Outcome & { fd: number };
  /**
   * EPIPE, ECONNRESET: it is gone; ETIMEDOUT: it did not answer in the link's time; EMSGSIZE: too long for one packet.
   * `links`: descriptors to hand over copies of.
   */
  askDeadman(fd: number, request: string, links: readonly number[]): Outcome & { reply: string };
  /** CLOCK_BOOTTIME, ms. */
  bootMs(): number;
  /** Closes the link; with a `pid` waits until it has put everything back and ended. */
  endDeadman(fd: number, pid: number): void;
}

let loaded: DeadmanAddon | undefined;

/** @throws TunesmithError (incapable) when the addon has not been built */
export function deadmanAddon(): DeadmanAddon {
  // Once: finding the file takes longer than anything that is done with it.
  loaded ??= loadAddon<DeadmanAddon>();
  return loaded;
}
