import type { NamedObjective } from '../loop/types.js';
import type { Metrics } from '../workloads/types.js';

/** A policy to be tried: a C source, and its tunables as they are set before the load. */
export interface Candidate {
  /** Hash of source and tunables: the same policy has the same id, whoever proposed it. */
  readonly id: string;
  readonly source: string;
  readonly tunables: Readonly<Record<string, number>>;
  readonly by: 'genes' | 'model' | 'repository';
  /** Ids it was made from; empty for one that was not made from others. */
  readonly parents: readonly string[];
  /** What it does, in a sentence or two. */
  readonly words: string;
}

/** What is searched for: a load in the lab, and the figure to improve on it. */
export interface Case {
  readonly workload: string;
  readonly parameters: Readonly<Record<string, number>>;
  readonly cpus: number;
  readonly kernel: string;
  readonly objective: NamedObjective;
}

/** How well a candidate is measured; every step costs more and errs less. */
export interface Effort {
  readonly rigour: 'search' | 'referee';
  readonly windowNs: number;
  readonly seeds: readonly number[];
}

/** What a candidate came to at one effort. */
export interface Score {
  readonly candidate: string;
  readonly effort: Effort;
  /** The objective's mean over the seeds; null when a window gave none, or the policy did not hold. */
  readonly value: number | null;
  /** One for each seed, in their order. */
  readonly values: readonly (number | null)[];
  /** Means over the seeds. */
  readonly metrics: Metrics;
  /** Its gain over the kernel's own scheduler on other loads, where it was looked at; −1 where it did not hold. */
  readonly elsewhere?: Readonly<Record<string, number>>;
  /** Keys of the trials (in a search, of the one series) behind it, to look them up in the trial cache. */
  readonly keys: readonly string[];
  /** Why there is no value: the stage and rule that rejected it, or the guardrail it broke. */
  readonly dropped?: string;
  /** Why this machine could not measure it, though it was tried again: neither a figure nor a verdict on the policy. */
  readonly unmeasured?: string;
}

/** Why what was under way was not measured when the end came. */
export const STOPPED = 'it was under way when the end came';

/** A score that this machine could not come to. */
export const unmeasured = (candidate: string, effort: Effort, why: string): Score => ({
  ...{ candidate, effort, value: null, values: [], metrics: {}, keys: [], unmeasured: why },
});

/** A candidate with the best measured score it has so far. */
export interface Tried {
  readonly candidate: Candidate;
  readonly score: Score;
  /** Relative gain over the kernel's own scheduler at the same effort, positive is better; null when dropped. */
  readonly gain: number | null;
  /** What it is chosen by: the gain, less what it loses elsewhere. */
  readonly merit: number | null;
  /** How it behaves, as the archive sees it: its cell's name; null when dropped. */
  readonly cell: string | null;
}

/** What is known so far, for those who propose what to try next. */
export interface ArchiveView {
  readonly case: Case;
  /** The kernel's own scheduler, at the first effort. */
  readonly own: Score;
  /** The best of each cell of behaviour, best first. */
  readonly elites: readonly Tried[];
  /** Every candidate so far, in the order it was proposed; the dropped ones with their reason. */
  readonly tried: readonly Tried[];
}

/** Proposes candidates; several take turns. Equal seeds and equal results must give equal proposals. */
export interface Proposer {
  readonly name: string;
  /** Up to `n` candidates; fewer, or none, when it has nothing left to try or its budget is used up. */
  propose(n: number, archive: ArchiveView): Promise<readonly Candidate[]>;
  /** What became of a whole generation, of all proposers, in the order of proposal. */
  tell(generation: readonly Tried[]): void;
}

/**
 * Measures candidates. What a policy does is in its score, never an exception, and so is what this machine did not get
 * measured.
 */
export interface Evaluator {
  /** `null` is the kernel's own scheduler, which scores are compared with. */
  score(candidate: Candidate | null, where: Case, effort: Effort): Promise<Score>;
}
