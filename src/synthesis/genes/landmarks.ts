import { DEFAULTS, type Genome } from './table.js';

const MS = 1e6;
const like = (genome: Partial<Record<string, number>>): Genome => ({ ...DEFAULTS, ...genome }) as Genome;

const FRESH_FIRST = { time_base: 0, lead_by: 4, lead_ns: 16 * MS, burst_ns: 1 * MS, wakes: 2, quiet_ns: 0 };

/** Known shapes of schedulers, to begin a search with. */
export const LANDMARKS: readonly Genome[] = [
  // Weighted virtual time, as the policy is without a search.
  like({}),
  // First come first served on each CPU, children on their parent's: switches as cheap as can be.
  like({ time_base: 0, keep_local: 1, place_by: 0, wakes: 0, forks_stay: 1 }),
  // The least served since it woke goes first, and at once; its lead is hardly more than a turn.
  like({ ...FRESH_FIRST, lead_ns: 4 * MS }),
  // The same with shares by weight.
  like({ lead_by: 4, lead_ns: 16 * MS, burst_ns: 4 * MS, wakes: 2, quiet_ns: 0, second_victim: 1 }),
  // Earliest deadline by usual bursts.
  like({ lead_by: 3, lead_ns: 16 * MS, burst_ns: 16 * MS, wakes: 2 }),
  // Whoever wakes runs at once where it was; the rest in order of arrival.
  like({ time_base: 0, place_by: 0, wakes: 3 }),
  // Long turns from per-CPU queues.
  like({ queue_cpus: 1, place_by: 0, slice_ns: 24 * MS, kthreads_first: 1 }),
  // The woken follow their wakers, and nobody else is disturbed.
  like({ time_base: 0, place_by: 3, wakes: 0, forks_stay: 1, slice_ns: 12 * MS }),
  // The same in turns that get shorter with the queue.
  like({ place_by: 2, wakes: 1, slice_by: 1, slice_ns: 6 * MS }),
  // A short deadline, small margins.
  like({ lead_by: 1, slice_ns: 1 * MS, wakes: 2, margin_ns: 1 * MS, credit_ns: 10 * MS }),
  // The least served goes first, but who has just begun is left alone: wake-ups by the dozen cost little.
  like({ ...FRESH_FIRST, quiet_ns: 0.3 * MS, second_victim: 1 }),
  // The same from per-CPU queues.
  like({ ...FRESH_FIRST, quiet_ns: 0.3 * MS, queue_cpus: 1 }),
  // The least served goes first where it was: what it interrupts is near.
  like({ ...FRESH_FIRST, queue_cpus: 1, place_by: 0 }),
  // First come first served, in turns that get shorter with the queue: messages go on in the order they were sent.
  like({ time_base: 0, slice_by: 1 }),
  // First come first served, in turns of less than a tick; the kernel does nearly all of it by itself.
  like({ time_base: 0, slice_ns: 0.5 * MS, place_by: 0, wakes: 0 }),
  // Long turns, and children begin at once.
  like({ slice_ns: 24 * MS, newcomers_wait: 0 }),
];
