import { availableParallelism, loadavg } from 'node:os';
import { workloadByName } from '../workloads/index.js';
import { refereeEffort, searchEfforts, sweepEfforts } from './efforts.js';
import { heldOutCases } from './others.js';
import type { Stock } from './stock.js';
import type { Candidate, Case, Effort } from './types.js';

/** Tells what a measurement costs. */
export interface Costing {
  /** CPU time, ms, of what is not known yet; 0 when the lab's cache has all of it. */
  cost(candidate: Candidate | null, where: Case, effort: Effort): Promise<number>;
}

/** CPU time of a guest, ms, on the machine of docs/synthesis.md: restored for a search, booted cold for the referee. */
const GUEST = { search: { start: 1300, perMs: 1 }, referee: { start: 3500, perMs: 1.5 } } as const;
/** Of the probes, all of them. */
const CHECK_MS = 60_000;
/** Repository policies that go on to all the seeds, those that the referee hears, and a generation's candidates. */
const GO_ON = 5;
const HEARD = 2;
const GENERATION = 16;

/** CPU time, ms, that one effort of measuring takes where nothing of it is known. */
export function costOf(where: Case, { rigour, windowNs, seeds }: Effort): number {
  const { start, perMs } = GUEST[rigour];
  const window = perMs * ((workloadByName(where.workload).warmupNs + windowNs) / 1e6);
  return rigour === 'search' ? start + seeds.length * window : seeds.length * (start + window);
}

/** Wall time, ms, that the parts of a synthesis take on this machine, as busy as it is. */
export interface Plan {
  readonly sweepMs: number;
  /** Repository policies whose sweep the cache has, and all of them; null while that is not known. */
  readonly known: number | null;
  readonly policies: number;
  readonly generationMs: number;
  /** EEVDF and the repository's best, by cold boots. */
  readonly refereeMs: number;
  /** One finalist: cold boots, probes, workloads it never saw, the folder. */
  readonly judgeMs: number;
}

/** Of linting and compiling a policy, CPU time, ms. */
const COMPILE_MS = 1500;

/** What the parts will take at most, before it is known what the cache has: that takes compiling the policies. */
export async function mostOf(where: Case, stock: readonly Stock[], slow = slowdown()): Promise<Plan> {
  const costing: Costing = { cost: async (_, at, effort) => costOf(at, effort) };
  const plan = await planOf(costing, where, stock, slow);
  const compiling = (slow * COMPILE_MS * stock.length) / availableParallelism();
  return { ...plan, sweepMs: plan.sweepMs + compiling, known: null };
}

/** How many times longer work takes than alone: ours is shared with what else is runnable. */
export const slowdown = (): number => 1 + (loadavg()[0] ?? 0) / availableParallelism();

/** What the parts of a synthesis will take, given what the cache has. */
export async function planOf(
  costing: Costing,
  where: Case,
  stock: readonly Stock[],
  slow = slowdown(),
): Promise<Plan> {
  const workload = workloadByName(where.workload);
  const [once, several] = sweepEfforts(workload);
  const [short, whole] = searchEfforts(workload) as readonly [Effort, Effort, Effort];
  const judged = refereeEffort(workload);
  const wall = (cpuMs: number): number => (slow * cpuMs) / availableParallelism();
  const ownMs = await costing.cost(null, where, several);
  const each = await Promise.all(stock.map(({ candidate }) => costing.cost(candidate, where, once)));
  const sum = each.reduce((all, one) => all + one, ownMs);
  const heldOut = await Promise.all(
    heldOutCases(where).map(async (other) => {
      const effort = refereeEffort(workloadByName(other.workload));
      return (await costing.cost(null, other, effort)) + costOf(other, effort);
    }),
  );
  // Whether the best of the repository are known over all the seeds shows when it is known who they are.
  const isFresh = sum > 0 ? GO_ON * costOf(where, several) : 0;
  return {
    sweepMs: wall(sum + isFresh),
    known: each.filter((ms) => ms === 0).length,
    policies: stock.length,
    generationMs: wall(GENERATION * (costOf(where, short) + costOf(where, whole) / 2)),
    refereeMs: wall((await costing.cost(null, where, judged)) + HEARD * costOf(where, judged)),
    judgeMs: wall(costOf(where, judged) + CHECK_MS + heldOut.reduce((all, one) => all + one, 0)),
  };
}

/** What a budget is enough for. */
export type Reach = 'all' | 'repository' | 'sweep';

/** The most that fits into so much time: all of it, the repository alone, judged, or a sweep. */
export function reachOf({ sweepMs, generationMs, refereeMs, judgeMs }: Plan, leftMs: number): Reach {
  if (leftMs >= sweepMs + generationMs + refereeMs + judgeMs) return 'all';
  return leftMs >= sweepMs + refereeMs ? 'repository' : 'sweep';
}

/** "40 s", "3 min": how long something takes, as roughly as it is known. */
export function roughly(ms: number): string {
  if (ms < 90_000) return `${Math.max(1, Math.round(ms / 1000))} s`;
  return `${Math.round(ms / 60_000)} min`;
}

/**
 * What fits into a budget, said before anything is measured: what the cache has, how long each part takes, what is left
 * out.
 * @param leftMs infinite without a limit of time
 * @param candidates infinite without a limit of candidates
 */
export function planLine(plan: Plan, leftMs: number, candidates: number): string {
  const { sweepMs, known, policies, generationMs, refereeMs, judgeMs } = plan;
  const isTimed = Number.isFinite(leftMs);
  const head = isTimed ? `${roughly(leftMs)} left for everything` : 'no limit of time';
  const cached =
    known === null
      ? `if the cache has none of ${policies} policies`
      : `the cache has ${known} of ${policies} policies of the sweep`;
  const sweep = `sweep about ${roughly(sweepMs)}`;
  const referee = `referee about ${roughly(refereeMs)}`;
  const judge = `a finalist’s cold boots, probes and unseen loads about ${roughly(judgeMs)}`;
  const reach = reachOf(plan, leftMs);
  const needed = sweepMs + generationMs + refereeMs + judgeMs;
  if (reach === 'sweep')
    return `budget: ${head}; ${cached}; fits: sweep (${sweep}). Left out: search, referee, probes and unseen loads, so there will be figures and no recommendation (all of it takes ${roughly(needed)} or more)`;
  if (reach === 'repository')
    return `budget: ${head}; ${cached}; fits: ${sweep}, ${referee}. Left out: search, probes and unseen loads, so the answer can be a policy of the repository or EEVDF (all of it takes ${roughly(needed)} or more)`;
  const generations = Math.min(
    Math.ceil(candidates / GENERATION),
    isTimed ? Math.floor((leftMs - sweepMs - refereeMs - judgeMs) / generationMs) : Number.POSITIVE_INFINITY,
  );
  const search = Number.isFinite(generations)
    ? `search about ${roughly(generations * generationMs)} (some ${Math.min(candidates, generations * GENERATION)} candidates)`
    : 'search as long as its model';
  return `budget: ${head}; ${cached}; fits: ${sweep}, ${search}, ${referee}, ${judge}; nothing is left out`;
}
