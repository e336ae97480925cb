import type { Usage } from './types.js';

/** A list price, US dollars per million tokens, and the day it was read. */
export interface Price {
  readonly input: number;
  readonly output: number;
  /** ISO date from which it is known to hold. */
  readonly since: string;
  /** ISO date of the last day it holds, where that is known. */
  readonly until?: string | undefined;
  /** Input tokens of one call up to which it holds. */
  readonly mostInput?: number | undefined;
}

/** LumOS paper, appendix B.4 (paid tier, 14 August 2025). */
const PAPER = '2025-08-14';
/** A transcription of Google's price page, 20 September 2026. */
const PAGE = '2026-09-20';

/** List prices by model; a later row holds from its day on. A configuration may bring its own. */
const PRICES: readonly (Price & { readonly model: string })[] = [
  { model: 'gemini-2.5-pro', input: 1.25, output: 10, since: PAPER },
  { model: 'gemini-2.5-flash', input: 0.3, output: 2.5, since: PAPER },
  { model: 'gemini-2.5-flash-lite', input: 0.1, output: 0.4, since: PAPER },
  { model: 'gemini-3.8-flash', input: 0.75, output: 3.75, since: PAGE, until: '2026-12-31' },
  { model: 'gemini-3.8-flash', input: 1.5, output: 7.5, since: '2027-01-01' },
  { model: 'gemini-3.5-flash', input: 1.5, output: 9, since: PAGE },
  { model: 'gemini-3.1-pro-preview', input: 2, output: 12, since: PAGE, mostInput: 200_000 },
];

/** The list price of a model on an ISO date; null when none is known. */
export function priceOf(model: string, day: string): Price | null {
  const rows = PRICES.filter((row) => row.model === model && row.since <= day);
  const price = rows.findLast(({ until }) => until === undefined || day <= until);
  return price ?? null;
}

/** US dollars for one call, thoughts as output; null without a price that holds for it. */
export function costOf({ inputTokens, outputTokens }: Usage, price: Price | null): number | null {
  if (price === null || inputTokens > (price.mostInput ?? Number.POSITIVE_INFINITY)) return null;
  return (inputTokens * price.input + outputTokens * price.output) / 1e6;
}

/** Today in UTC, as prices and budgets count days. */
export const today = (): string => new Date().toISOString().slice(0, 10);
