/**
 * Counters of the kernel (Linux 6.15) that rise only when a policy asks for what cannot be done, and what that is. The
 * others count what is merely worth knowing.
 */
const ERROR_EVENTS: Readonly<Record<string, string>> = {
  SCX_EV_SELECT_CPU_FALLBACK: 'select_cpu chose a CPU the task may not run on',
  SCX_EV_DISPATCH_LOCAL_DSQ_OFFLINE: 'tasks were dispatched to a CPU that is offline',
  SCX_EV_INSERT_NOT_OWNED: 'tasks were inserted that were not the policy’s to insert',
};

/** A task’s mask may change between the choice and the insert, so this many in a window are no fault. */
export const FEW_EVENTS = 10;

export interface ErrorEvent {
  readonly event: string;
  readonly count: number;
  readonly meaning: string;
}

type Counts = Readonly<Record<string, number>>;

/** Error events between two readings of the counters, those that did not rise left out. */
export const errorEvents = (now: Counts, before: Counts = {}): ErrorEvent[] =>
  Object.entries(ERROR_EVENTS).flatMap(([event, meaning]) => {
    const count = (now[event] ?? 0) - (before[event] ?? 0);
    return count > 0 ? [{ event, count, meaning }] : [];
  });
