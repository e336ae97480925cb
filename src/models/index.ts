import { usageError } from '../errors.js';
import { type Account, Accountant } from './account.js';
import { Budget, type Limits } from './budget.js';
import { type ModelConfig, nameOf } from './config.js';
import { type DayBook, dayBook, noBook } from './day-book.js';
import { ModelError } from './failure.js';
import { jsonSchemaOf, readJson } from './json.js';
import { costOf, type Price, priceOf, today } from './prices.js';
import { makeProvider, type Provider } from './provider.js';
import { redactor } from './redact.js';
import { withRetry } from './retry.js';
import { NOTHING, type Spent } from './spent.js';
import { Tape, type Taped } from './tape.js';
import type { Model, ModelReply, ModelRequest, Usage, WireReply, WireRequest } from './types.js';

/** A model that keeps an account of itself. */
export interface AccountedModel extends Model {
  readonly account: Account;
}

/** The budget of a run; a run that only replays costs nothing and writes no day book. */
export const makeBudget = (limits: Limits, replaying = false, book?: DayBook): Budget =>
  new Budget(limits, book ?? (replaying ? noBook : dayBook()));

/**
 * The configured model, within a budget that several may share.
 * @throws TunesmithError (incapable) without a key where one is needed; (usage) for what cannot be
 */
export function makeModel(config: ModelConfig, budget: Budget): AccountedModel {
  const name = nameOf(config);
  const price = priceFor(config);
  const { run, day } = budget.limits;
  if (price === null && (run.usd ?? day.usd) !== undefined)
    throw usageError(
      '--budget usd',
      run.usd ?? day.usd,
      `cannot be held: no price of ${name} is known`,
      'limit calls or tokens, or give its price in the configuration',
    );
  const provider = config.tape?.mode === 'replay' ? null : makeProvider(config);
  const tape =
    config.tape &&
    new Tape({ ...config.tape, config: decisive(config), redact: provider?.redact ?? redactor([]) });
  return new ConfiguredModel(name, config, provider, tape, budget, price);
}

class ConfiguredModel implements AccountedModel {
  private readonly accountant: Accountant;

  constructor(
    readonly name: string,
    private readonly config: ModelConfig,
    private readonly provider: Provider | null,
    private readonly tape: Tape | undefined,
    private readonly budget: Budget,
    private readonly price: Price | null,
  ) {
    this.accountant = new Accountant(name, price?.since ?? null);
  }

  get account(): Account {
    return this.accountant.account;
  }

  async ask<T>({ system, messages, schema, signal }: ModelRequest<T>): Promise<ModelReply<T>> {
    const wire = { system, messages, schema: jsonSchemaOf(schema) };
    try {
      const { text, usage: counted, latencyMs, model } = await this.reply(wire, signal);
      const usage = counted ?? estimated(wire, text);
      const usd = costOf(usage, this.price);
      const reply = { ...readJson(text, schema), text, usage, latencyMs, model, usd };
      this.accountant.add(reply);
      return reply;
    } catch (error) {
      // Out of budget: the call that failed was not made.
      if (!(error instanceof ModelError && error.kind === 'budget')) this.accountant.addFailure();
      throw error;
    }
  }

  private async reply(wire: WireRequest, signal: AbortSignal | undefined): Promise<Taped> {
    const call = async (): Promise<Taped> => {
      if (this.provider === null) throw new ModelError('tape', `${this.name}: a replayed tape does not call`);
      const { send } = this.provider;
      const { attempts, timeout, firstPause, longestPause } = this.config;
      const policy = { attempts, timeoutMs: timeout, firstPauseMs: firstPause, longestPauseMs: longestPause };
      const started = performance.now();
      const attempt = (one: AbortSignal) => this.booked(wire, () => send(wire, one), one);
      const reply = await withRetry(this.name, policy, signal, attempt);
      return { ...reply, latencyMs: performance.now() - started };
    };
    if (!this.tape) return call();
    const { reply, replayed } = await this.tape.play(wire, call);
    // A replay keeps to the budget of the run that was recorded, so that it ends where that did.
    return replayed ? this.booked(wire, async () => reply) : reply;
  }

  /**
   * One attempt, within the budget: each may be billed, so each is set aside and settled.
   * @throws ModelError (budget) before it is made
   */
  private async booked<R extends WireReply>(
    wire: WireRequest,
    attempt: () => Promise<R>,
    signal?: AbortSignal,
  ): Promise<R> {
    const most = this.most(wire);
    const settle = this.budget.reserve(most);
    try {
      const reply = await attempt();
      const usage = reply.usage ?? estimated(wire, reply.text);
      const usd = costOf(usage, this.price) ?? 0;
      settle({ calls: 1, tokens: usage.inputTokens + usage.outputTokens, usd });
      return reply;
    } catch (error) {
      settle(signal?.aborted || isUncertain(error) ? most : { ...NOTHING, calls: 1 });
      throw error;
    }
  }

  private most(wire: WireRequest): Spent {
    const usage = { ...estimated(wire, ''), outputTokens: this.config.maxOutputTokens };
    const tokens = usage.inputTokens + usage.outputTokens;
    return { calls: 1, tokens, usd: costOf(usage, this.price) ?? 0 };
  }
}

/** What was refused is not billed; what was cut off (or too late) may have been, and nobody says how much. */
const isUncertain = (error: unknown): boolean =>
  error instanceof ModelError && ['network', 'reply'].includes(error.kind);

/** Four characters a token, as English has. */
function estimated({ system, messages, schema }: WireRequest, text: string): Usage {
  const asked = messages.reduce((sum, message) => sum + message.text.length, system.length);
  const tokens = (characters: number) => Math.ceil(characters / 4);
  return {
    inputTokens: tokens(asked + JSON.stringify(schema).length),
    outputTokens: tokens(text.length),
    thoughtTokens: 0,
    cachedTokens: 0,
    estimated: true,
  };
}

const priceFor = (config: ModelConfig): Price | null =>
  config.price ?? (config.provider === 'command' ? null : priceOf(config.model, today()));

/** What of a configuration can change a reply. */
function decisive(config: ModelConfig): Record<string, unknown> {
  if (config.provider === 'command') return { provider: config.provider, command: config.command };
  const { provider, model, temperature, maxOutputTokens } = config;
  const own =
    config.provider === 'gemini'
      ? { thinkingBudget: config.thinkingBudget, thinkingLevel: config.thinkingLevel }
      : { structured: config.structured };
  return { provider, model, temperature, maxOutputTokens, ...own };
}
