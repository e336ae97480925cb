import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { canonical } from '../canonical.js';
import { gainOf } from '../loop/objective.js';
import { listPolicies } from '../policies/catalogue.js';
import type { Manifest } from '../policies/manifest.js';
import { resolveParameters, workloadByName } from '../workloads/index.js';
import { candidateOf } from './candidate.js';
import { lineageIn } from './compare/lineage.js';
import { LINEAGE, type Lineage } from './folder/lineage.js';
import type { Candidate, Case, Effort, Evaluator, Score } from './types.js';

/** A policy of the repository as a candidate, with the name it has there. */
export interface Stock {
  readonly name: string;
  readonly candidate: Candidate;
  readonly manifest: Manifest;
  /** Found by a search, not written by people. */
  readonly synthesized: boolean;
}

/**
 * The policies of the repository as they are shipped, `genes` and what searches found among them: what there is to beat.
 * @throws TunesmithError (usage) for a broken manifest
 */
export const stockPolicies = (): Stock[] =>
  listPolicies().map(({ manifest, source, dir }) => ({
    name: manifest.name,
    manifest,
    synthesized: isSynthesized(dir),
    candidate: candidateOf({
      ...{ source: readFileSync(source, 'utf8'), tunables: {}, by: 'repository', parents: [] },
      words: `${manifest.summary}. ${manifest.algorithm}`,
    }),
  }));

/** What a search has to beat, and the policies that are its own answer, found before. */
export interface Rivals {
  readonly stock: readonly Stock[];
  readonly before: readonly Stock[];
}

/**
 * The stock for one search, without what this very search (load, objective, parameters, CPUs, seed) found: were that a bar to it,
 * the command in a policy's lineage would find that policy in its way.
 * @throws TunesmithError (usage) for a broken manifest or lineage
 */
export function rivalsOf(where: Case, seed: number): Rivals {
  const found = listPolicies().filter(({ dir }) => isFoundBy(lineageIn(dir), where, seed));
  const leftOut = found.map(({ manifest }) => manifest.name);
  const all = stockPolicies();
  return {
    stock: all.filter(({ name }) => !leftOut.includes(name)),
    before: all.filter(({ name }) => leftOut.includes(name)),
  };
}

function isFoundBy(
  lineage: Pick<Lineage, 'case' | 'seed'> | null,
  { workload, parameters, cpus, objective }: Case,
  seed: number,
): boolean {
  if (lineage === null) return false;
  const searched = lineage.case;
  const resolved = resolveParameters(workloadByName(workload), parameters);
  return (
    searched.workload === workload &&
    searched.cpus === cpus &&
    searched.objective.metric === objective.metric &&
    lineage.seed === seed &&
    canonical(searched.parameters) === canonical(resolved)
  );
}

/** Whether a search found the policy in a directory. */
export const isSynthesized = (dir: string): boolean => existsSync(join(dir, LINEAGE));

/** A repository policy, what it came to, and its gain over the kernel's own scheduler; null when it did not hold. */
export interface Swept {
  readonly stock: Stock;
  readonly score: Score;
  readonly gain: number | null;
  /** Why it could not be measured over all the seeds, if it could not: what `score` has is then what there is. */
  readonly unmeasured?: string;
}

/** Repository policies that are measured over several seeds; the referee's are the best of them. */
const GO_ON = 5;

/** Best first; those that did not hold are last. */
const ranked = (swept: readonly Swept[]): Swept[] =>
  [...swept].sort((a, b) => (b.gain ?? Number.NEGATIVE_INFINITY) - (a.gain ?? Number.NEGATIVE_INFINITY));

/** Those of a sweep that held. */
export const heldOf = (swept: readonly Swept[]): Swept[] => swept.filter(({ gain }) => gain !== null);

/** Repository policies that the referee hears, for cold boots may rank them otherwise, and at most. */
const HEARD = 2;
const MOST_HEARD = 3;

/** Whom the referee has to hear: the best two of a sweep, and a third whose best seed reaches the worst of the best. */
export function rivalsIn({ objective }: Case, swept: readonly Swept[]): Swept[] {
  const held = heldOf(swept);
  const [best] = held;
  if (best === undefined) return [];
  const sign = objective.direction === 'lower' ? 1 : -1;
  const signed = ({ score }: Swept): number[] =>
    score.values.flatMap((value) => (value === null ? [] : [sign * value]));
  const worst = Math.max(...signed(best));
  return held.slice(0, MOST_HEARD).filter((one, i) => i < HEARD || Math.min(...signed(one)) <= worst);
}

/**
 * What the policies of the repository come to on a case, best first: what a search has to beat. All get the first
 * effort, the best of them the second.
 */
export async function sweep(
  stock: readonly Stock[],
  evaluator: Evaluator,
  where: Case,
  [first, second]: readonly [Effort, Effort],
): Promise<Swept[]> {
  const at = async (effort: Effort, policies: readonly Stock[]): Promise<Swept[]> => {
    const own = await evaluator.score(null, where, effort);
    const measured = policies.map(async (one) => {
      const score = await evaluator.score(one.candidate, where, effort);
      return { stock: one, score, gain: gainOf(where.objective, own.value, score.value) };
    });
    return ranked(await Promise.all(measured));
  };
  const all = await at(first, stock);
  const best = await at(
    second,
    all.slice(0, GO_ON).map((one) => one.stock),
  );
  // One that this machine could not measure over all the seeds keeps what one of them said.
  const known = best.map((one): Swept => {
    const { unmeasured } = one.score;
    const before = all.find(({ stock: { name } }) => name === one.stock.name);
    return unmeasured === undefined || before === undefined ? one : { ...before, unmeasured };
  });
  return [...ranked(known), ...all.slice(GO_ON)].map((one) => {
    const { unmeasured } = one.score;
    return unmeasured === undefined ? one : { ...one, unmeasured };
  });
}
