import type { ArchiveView, Candidate, Score, Tried } from '../types.js';
import { type Entry, elitesOf, triedOf } from './entries.js';
import { promoted } from './halving.js';
import type { SearchJournal } from './journal.js';
import type { Progress, SearchOptions } from './types.js';

/** A search under way: who was tried, and how well. */
export class SearchRun {
  readonly entries: Entry[] = [];
  private readonly known = new Set<string>();
  /** Later efforts that this machine did not get done, by candidate and effort. */
  private readonly missed = new Map<string, Score>();

  private constructor(
    private readonly options: SearchOptions,
    private readonly journal: SearchJournal,
    /** The kernel's own scheduler at each effort. */
    readonly own: readonly Score[],
  ) {}

  /** Measures the kernel's own scheduler. */
  static async begin(options: SearchOptions, journal: SearchJournal): Promise<SearchRun> {
    const { evaluator, efforts, where } = options;
    const own = await Promise.all(efforts.map((effort) => evaluator.score(null, where, effort)));
    return new SearchRun(options, journal, own);
  }

  tried(): Tried[] {
    return this.entries.map((entry) => triedOf(entry, this.own, this.options.where));
  }

  view(): ArchiveView {
    const tried = this.tried();
    return { case: this.options.where, own: this.own[0] as Score, elites: elitesOf(tried), tried };
  }

  /** Of those that should have gone on, who could not be measured, with why. */
  unmeasured(): Score[] {
    const later = this.entries.flatMap(({ candidate, scores }) => {
      const missed = this.missed.get(`${candidate.id} ${scores.length}`);
      return missed === undefined ? [] : [missed];
    });
    return [
      ...this.entries.flatMap(({ scores: [first] }) => (first?.unmeasured === undefined ? [] : [first])),
      ...later,
    ];
  }

  /** What a generation tries: from the journal, or asked of the proposers; none twice. */
  async candidates(generation: number, size: number): Promise<readonly Candidate[]> {
    const kept = this.journal.proposed(generation);
    const candidates = kept ?? this.fresh(await this.ask(generation, size)).slice(0, size);
    // None of a search that is being stopped is not what its proposers had to say.
    if (!kept && candidates.length > 0) this.journal.keepProposed(candidates);
    for (const { id } of candidates) this.known.add(id);
    return candidates;
  }

  /** Gives candidates the first effort, then whoever deserves it the next ones. */
  async generation(candidates: readonly Candidate[]): Promise<void> {
    const batch = candidates.map((candidate) => ({ candidate, scores: [] }));
    await this.measure(batch, 0);
    this.entries.push(...batch);
    await this.promote();
    const tried = this.tried().slice(-batch.length);
    for (const proposer of this.options.proposers) proposer.tell(tried);
  }

  /** Lets the best go on to the next efforts. @param atLeast how many, if there are so many */
  async promote(atLeast = 0): Promise<void> {
    for (const [level, own] of this.own.slice(0, -1).entries())
      await this.measure(promoted(this.entries, level, own, this.options.where, atLeast), level + 1);
  }

  progress(generation: number, elapsedMs: number): Progress {
    const tried = this.tried();
    const elites = elitesOf(tried);
    return {
      generation,
      tried: tried.length,
      dropped: tried.filter(({ gain }) => gain === null).length,
      cells: elites.length,
      best: elites[0] ?? null,
      elapsedMs,
    };
  }

  /**
   * Measures once more what this machine did not get measured: now nothing else is to be done.
   * A later effort of theirs is asked for by whoever promotes.
   */
  async again(): Promise<void> {
    const missing = this.entries.filter(({ scores: [first] }) => first?.unmeasured !== undefined);
    for (const { scores } of missing) scores.pop();
    await this.measure(missing, 0);
  }

  /** Of a search that was stopped: they were under way, and whoever goes on with it measures them. */
  forgetUnmeasured(): void {
    const measured = this.entries.filter(({ scores: [first] }) => first?.unmeasured === undefined);
    this.entries.splice(0, this.entries.length, ...measured);
    this.missed.clear();
  }

  private async measure(batch: readonly Entry[], level: number): Promise<void> {
    const { evaluator, where, efforts } = this.options;
    const effort = efforts[level];
    if (effort === undefined) return;
    const scores = await Promise.all(
      batch.map(async ({ candidate }) => {
        const kept = this.journal.score(candidate.id, level);
        if (kept) return kept;
        const score = await evaluator.score(candidate, where, effort);
        // A journal knows what was found out: who goes on with it measures what is missing.
        if (score.unmeasured === undefined) this.journal.keepScore(level, score);
        return score;
      }),
    );
    for (const [index, score] of scores.entries())
      if (score.unmeasured === undefined || level === 0) batch[index]?.scores.push(score);
      else this.missed.set(`${score.candidate} ${level}`, score);
  }

  private fresh(candidates: readonly Candidate[]): Candidate[] {
    const seen = new Set(this.known);
    return candidates.filter(({ id }) => !seen.has(id) && seen.add(id));
  }

  /** The turn is the next proposer's; one that has nothing new is passed over. */
  private async ask(generation: number, size: number): Promise<readonly Candidate[]> {
    const { proposers } = this.options;
    for (let turn = 0; turn < proposers.length; turn++) {
      const proposer = proposers[(generation + turn) % proposers.length];
      const candidates = this.fresh((await proposer?.propose(size, this.view())) ?? []);
      if (candidates.length > 0) return candidates;
    }
    return [];
  }
}
