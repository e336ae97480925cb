import type { Case, Effort, Evaluator, Proposer, Score, Tried } from '../types.js';

/** What a search may use up. */
export interface SearchBudget {
  /** Candidates scored at the first effort. */
  readonly candidates: number;
  /**
   * Wall-clock time, ms, of all processes that a search with a journal took; looked at between generations, so that the
   * one under way is finished. What fits into it depends on the machine: only a search without it is repeatable.
   */
  readonly wallMs?: number | undefined;
}

/** How far a search is, after each generation. */
export interface Progress {
  readonly generation: number;
  readonly tried: number;
  readonly dropped: number;
  /** Cells of behaviour that are filled. */
  readonly cells: number;
  readonly best: Tried | null;
  readonly elapsedMs: number;
}

export interface SearchOptions {
  readonly where: Case;
  readonly evaluator: Evaluator;
  /** They take turns, a generation each. */
  readonly proposers: readonly Proposer[];
  /** Of the proposers: a journal that was begun with another is not taken up. */
  readonly seed: number;
  readonly budget: SearchBudget;
  /** Each costs more and errs less than the one before; all candidates get the first. */
  readonly efforts: readonly Effort[];
  /** Candidates of a generation; default 16. */
  readonly generation?: number | undefined;
  /** How many of the best come to the last effort at least; default 3. */
  readonly finalists?: number | undefined;
  /** File to which scores are appended as they are known; a search that finds one goes on from there. */
  readonly journal?: string | undefined;
  /** Ends the search; the evaluator is to end what is under way. With `TIME_UP` as its reason the time was up. */
  readonly signal?: AbortSignal | undefined;
  /** Whether there is time for another generation, if the last one took so long, ms; looked at before each but the first. */
  readonly hasTime?: ((lastMs: number) => boolean) | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

/** The reason of a signal that ends work because its time is up. */
export const TIME_UP = 'time up';

export interface SearchOutcome {
  /** The kernel's own scheduler at each effort. */
  readonly own: readonly Score[];
  /** In the order of proposal, each with its last score. */
  readonly tried: readonly Tried[];
  readonly elites: readonly Tried[];
  /** Those that reached the last effort, best first: what a referee should look at. */
  readonly finalists: readonly Tried[];
  /** What this machine did not get measured, with why: another day the outcome may be another. */
  readonly unmeasured: readonly Score[];
  readonly progress: readonly Progress[];
  readonly ended: 'candidates' | 'wall time' | 'interrupted' | 'nothing left to try' | 'not begun';
}
