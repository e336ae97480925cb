import { usageError } from '../errors.js';
import { type Limits, parseLimits } from '../models/budget.js';
import type { Spent } from '../models/spent.js';
import { parseCount, parsePositiveDuration } from '../units.js';

/** What a search may use up. */
export interface SynthesisBudget {
  /** Wall time of everything, from the sweep to the folder, ms. */
  readonly wallMs?: number;
  /** Candidates of the search, measured. */
  readonly candidates?: number;
  /** Of models: calls, tokens, US dollars, a run and a day. */
  readonly model: Limits;
}

/**
 * A budget from `5m`, `200 candidates`, `tokens=1M,usd=0.50`, or several of them with commas: a duration and a number
 * of candidates stand bare, the rest as `tune --budget` has it.
 * @throws TunesmithError (usage) naming --budget
 */
export function parseBudget(text: string): SynthesisBudget {
  let wallMs: number | undefined;
  let candidates: number | undefined;
  const limits: string[] = [];
  for (const part of text.split(',').map((piece) => piece.trim())) {
    const count = /^(?:candidates\s*=\s*(\S+)|(\S+)\s*candidates?)$/.exec(part);
    if (count) candidates = parseCount(count[1] ?? count[2] ?? '', '--budget candidates', 1, 1_000_000);
    else if (/^\d[\d.]*\s*[a-zµ]+$/.test(part)) wallMs = parsePositiveDuration(part, '--budget') / 1e6;
    else if (part.includes('=')) limits.push(part);
    else
      throw usageError(
        '--budget',
        part,
        'is no budget',
        'a duration (5m), a number of candidates (200 candidates), or calls=, tokens=, usd=, usd/day=',
      );
  }
  return {
    ...(wallMs === undefined ? {} : { wallMs }),
    ...(candidates === undefined ? {} : { candidates }),
    model: limits.length === 0 ? { run: {}, day: {} } : parseLimits(limits.join(',')),
  };
}

/** What is left of a run's limits after what was spent before it was ended; a day's are counted in its book. */
export const leftOf = ({ run, day }: Limits, spent: Spent): Limits => ({
  run: Object.fromEntries(
    Object.entries(run).map(([name, limit]) => [name, Math.max(0, limit - spent[name as keyof Spent])]),
  ),
  day,
});
