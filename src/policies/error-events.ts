/**
 * Counters of the kernel (Linux 6.15) that rise only when a policy asks for what cannot be done, and what that is. The
 * others count what is merely worth knowing.
 */
const ERROR_EVENTS: Readonly<Record<string, string>> = {
  SCX_EV_DISPATCH_LOCAL_DSQ_OFFLINE: 'tasks were dispatched to a CPU that is offline',
  SCX_EV_INSERT_NOT_OWNED: 'tasks were inserted that were not the policy’s to insert',
};

/**
 * A mistake too where nothing else can raise it: in a policy that chooses in select_cpu and sends no task straight to
 * another CPU’s local queue, for then the kernel counts that here as well (Linux 6.15 to 7.3).
 */
export const WRONG_CHOICE: Readonly<Record<string, string>> = {
  SCX_EV_SELECT_CPU_FALLBACK: 'select_cpu chose a CPU the task may not run on',
};

/** A task’s mask may change between the choice and the insert, so this many in a window are no fault. */
export const FEW_EVENTS = 10;

export interface ErrorEvent {
  readonly event: string;
  readonly count: number;
  readonly meaning: string;
}

type Counts = Readonly<Record<string, number>>;

const NONE: Readonly<Record<string, string>> = {};

/** Error events between two readings of the counters, those that did not rise left out; `more` are counted as well. */
export const errorEvents = (now: Counts, before: Counts = {}, more = NONE): ErrorEvent[] =>
  Object.entries({ ...ERROR_EVENTS, ...more }).flatMap(([event, meaning]) => {
    const count = (now[event] ?? 0) - (before[event] ?? 0);
    return count > 0 ? [{ event, count, meaning }] : [];
  });

/** In words, what of them rose by more than a few under a policy between two readings; null when nothing did. */
export function risenUnder(name: string, now: Counts, before: Counts): string | null {
  const risen = errorEvents(now, before).filter(({ count }) => count > FEW_EVENTS);
  if (risen.length === 0) return null;
  const list = risen.map(({ event, count, meaning }) => `${event} +${count} (${meaning})`).join(', ');
  return `error events rose under ${name}: ${list}`;
}
