import { byMerit, elitesOf } from './entries.js';
import { SearchJournal } from './journal.js';
import { SearchRun } from './run.js';
import { type Progress, type SearchOptions, type SearchOutcome, TIME_UP } from './types.js';

export type { Progress, SearchBudget, SearchOptions, SearchOutcome } from './types.js';
export { TIME_UP } from './types.js';

const GENERATION = 16;
const FINALISTS = 3;

/**
 * Searches for the policy that is best at a case. Generation by generation one proposer after the other is asked, all
 * it proposes gets the first effort, and the best quarter of all so far goes on to the next. With a budget of candidates
 * alone, equal proposers and an evaluator that repeats itself the outcome is the same each time: whichever trial ends
 * first, and whether or not it was killed and taken up again from its journal.
 * @throws what the evaluator or a proposer throws: nothing that is a policy's fault; usage for another search's journal.
 */
export async function search(options: SearchOptions): Promise<SearchOutcome> {
  const { where, efforts, proposers, seed, budget, generation: size = GENERATION } = options;
  const names = proposers.map(({ name }) => name);
  const journal = new SearchJournal(options.journal, { where, efforts, names, seed, size });
  const run = await SearchRun.begin(options, journal);
  const progress: Progress[] = [];

  /** @param next generation: one that is in the journal is paid for and belongs to the outcome. */
  const stopped = (): SearchOutcome['ended'] | undefined =>
    !options.signal?.aborted ? undefined : options.signal.reason === TIME_UP ? 'wall time' : 'interrupted';
  const over = (next: number, lastMs: number): SearchOutcome['ended'] | undefined => {
    const stop = stopped();
    if (stop !== undefined) return stop;
    if (run.entries.length >= budget.candidates) return 'candidates';
    if (journal.proposed(next) !== undefined) return undefined;
    if (options.hasTime?.(lastMs) === false) return 'wall time';
    return journal.elapsedMs() > (budget.wallMs ?? Number.POSITIVE_INFINITY) ? 'wall time' : undefined;
  };
  let ended: SearchOutcome['ended'] | undefined;
  for (let generation = 0; ended === undefined; generation++) {
    const left = budget.candidates - run.entries.length;
    const begun = Date.now();
    const candidates = await run.candidates(generation, Math.min(left, size));
    if (candidates.length === 0) ended = stopped() ?? 'nothing left to try';
    else {
      await run.generation(candidates);
      const reached = run.progress(generation, journal.elapsedMs());
      progress.push(reached);
      options.onProgress?.(reached);
      ended = over(generation + 1, Date.now() - begun);
    }
  }
  if (options.signal?.aborted) run.forgetUnmeasured();
  else {
    await run.again();
    await run.promote(options.finalists ?? FINALISTS);
  }
  const tried = run.tried();
  const isFinal = (index: number): boolean => run.entries[index]?.scores.length === efforts.length;
  return {
    own: run.own,
    tried,
    elites: elitesOf(tried),
    finalists: byMerit(tried.filter((_, index) => isFinal(index))),
    unmeasured: run.unmeasured(),
    progress,
    ended,
  };
}
