import type { Workload } from '../workloads/types.js';
import type { Effort } from './types.js';

/** Windows at first are this part of the load's own, but never shorter than what it takes for a tail to show. */
const FIRST_PART = 0.25;
const SHORTEST_NS = 250_000_000;

/** `count` seeds, from one on. Searches and referees have different ones, or the best would be the luckiest. */
const seedsFrom = (first: number, count: number): number[] =>
  Array.from({ length: count }, (_, index) => first + index);

/** A scheduler's tick, ns; and steps of this part of one never meet again (the golden ratio's). */
const TICK_NS = 4_000_000;
const TURN = 0.618_033_988_75;

/**
 * How much later a window begins with that seed, ns. Where nothing is random the seeds would all be one figure, and their
 * spread nothing: there they begin at different places within a tick.
 */
export const phaseNs = ({ seeded }: Pick<Workload, 'seeded'>, seed: number): number =>
  seeded === false ? Math.round(((seed * TURN) % 1) * TICK_NS) : 0;

/**
 * How a search measures: a short window for all, a whole one with another seed for the best, and three of them for the
 * best of those.
 */
export const searchEfforts = ({ windowNs }: Pick<Workload, 'windowNs'>): readonly Effort[] => [
  {
    rigour: 'search',
    windowNs: Math.min(windowNs, Math.max(SHORTEST_NS, windowNs * FIRST_PART)),
    seeds: seedsFrom(1, 1),
  },
  { rigour: 'search', windowNs, seeds: seedsFrom(11, 1) },
  { rigour: 'search', windowNs, seeds: seedsFrom(21, 3) },
];

/** How the repository's policies are measured before a search: as it measures its best. */
export function sweepEfforts(workload: Pick<Workload, 'windowNs'>): readonly [Effort, Effort] {
  const [, one, several] = searchEfforts(workload) as readonly [Effort, Effort, Effort];
  return [one, several];
}

/** How a search looks at its best on another load: a whole window. */
export const validationEffort = ({ windowNs }: Pick<Workload, 'windowNs'>): Effort => ({
  rigour: 'search',
  windowNs,
  seeds: seedsFrom(31, 1),
});

/** A referee's windows are at least this long: in shorter ones the seeds of some loads differ more than policies do. */
const JUDGED_NS = 3e9;

/** How a winner is judged: long windows after cold boots, with seeds that no search has seen. */
export const refereeEffort = ({ windowNs }: Pick<Workload, 'windowNs'>, seeds = 5): Effort => ({
  rigour: 'referee',
  windowNs: Math.max(windowNs, JUDGED_NS),
  seeds: seedsFrom(101, seeds),
});
