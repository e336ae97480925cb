import type { Usage } from './types.js';

/** No model reads or writes more in one call: a larger count is none. */
const MOST_TOKENS = 1e8;

/** Counts as a provider gave them: anything. */
export interface Counted {
  readonly input: unknown;
  /** Thoughts included. */
  readonly output: unknown;
  readonly thoughts?: unknown;
  readonly cached?: unknown;
}

/**
 * What a provider counted, or null when it is no count (a fraction, negative, a text, more than there can be): the books
 * hold whole numbers, and an estimate is better than what cannot be.
 */
export function usageFrom({ input, output, thoughts, cached }: Counted): Usage | null {
  if (!isCount(input) || !isCount(output)) return null;
  return {
    inputTokens: input,
    outputTokens: output,
    thoughtTokens: isCount(thoughts) ? Math.min(thoughts, output) : 0,
    cachedTokens: isCount(cached) ? Math.min(cached, input) : 0,
    estimated: false,
  };
}

const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= MOST_TOKENS;
