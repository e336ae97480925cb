/** What calls come to: tokens are input and output together, money is US dollars at list prices. */
export interface Spent {
  readonly calls: number;
  readonly tokens: number;
  readonly usd: number;
}

export const NOTHING: Spent = { calls: 0, tokens: 0, usd: 0 };

export const added = (a: Spent, b: Spent, sign: 1 | -1 = 1): Spent => ({
  calls: a.calls + sign * b.calls,
  tokens: a.tokens + sign * b.tokens,
  usd: a.usd + sign * b.usd,
});
