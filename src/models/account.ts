import type { ModelReply } from './types.js';

/** What the calls to one model came to: the row of a cost table. */
export interface Account {
  readonly model: string;
  readonly calls: number;
  readonly failures: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Null when a call's price is not known. */
  readonly usd: number | null;
  /** The day the list price was read. */
  readonly priceSince: string | null;
  /** Of the calls, in order, ms. */
  readonly latenciesMs: readonly number[];
  /** Input tokens of the calls, in order. */
  readonly inputs: readonly number[];
}

/** Counts the calls to one model. */
export class Accountant {
  private readonly replies: Pick<ModelReply<unknown>, 'usage' | 'latencyMs' | 'usd'>[] = [];
  private failures = 0;

  constructor(
    private readonly model: string,
    private readonly priceSince: string | null,
  ) {}

  add({ usage, latencyMs, usd }: ModelReply<unknown>): void {
    this.replies.push({ usage, latencyMs, usd });
  }

  addFailure(): void {
    this.failures++;
  }

  get account(): Account {
    const { replies, failures, model, priceSince } = this;
    const sum = (of: (reply: (typeof replies)[number]) => number) =>
      replies.reduce((total, reply) => total + of(reply), 0);
    return {
      model,
      calls: replies.length,
      failures,
      inputTokens: sum(({ usage }) => usage.inputTokens),
      outputTokens: sum(({ usage }) => usage.outputTokens),
      // Without a call nothing was spent, but what a call would cost is not known either.
      usd: priceSince === null || replies.some(({ usd }) => usd === null) ? null : sum(({ usd }) => usd ?? 0),
      priceSince,
      latenciesMs: replies.map(({ latencyMs }) => latencyMs),
      inputs: replies.map(({ usage }) => usage.inputTokens),
    };
  }
}
