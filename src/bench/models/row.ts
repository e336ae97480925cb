/** Decisions of a run, as in the paper's. */
export const DECISIONS = 200;
/** What the tables price, and the day of the paper's list prices. */
export const PRICED = ['gemini-2.5-pro', 'gemini-2.5-flash', 'gemini-2.5-flash-lite'] as const;
export const PRICE_DAY = '2025-08-14';

/** One run of 200 decisions with one history policy. */
export interface ModelsBenchRow {
  readonly history: string;
  readonly seed: number;
  readonly inputPerCycle: number;
  readonly outputPerCycle: number;
  /** Mean over the windows of how far p99 without noise lies above the least there is, a share. */
  readonly regret: number;
  /** The same for the setting the run ends with. */
  readonly frozenRegret: number;
  /** Of the requests as they were recorded, HTTP included, in order, ms. */
  readonly latenciesMs: readonly number[];
  /** US dollars for the run at the paper's list prices, by model. */
  readonly usd: Readonly<Record<string, number>>;
}
