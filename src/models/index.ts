import { usageError } from '../errors.js';
import { type Account, Accountant } from './account.js';
import { Budget, type Limits } from './budget.js';
import { DEFAULT_OUTPUT, type ModelConfig, nameOf } from './config.js';
import { type DayBook, dayBook, noBook } from './day-book.js';
import { ModelError } from './failure.js';
import { FormChoice } from './form-choice.js';
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
  /** What a person should know of how it was asked: a form it does not take, a limit that was too low. */
  readonly notes?: readonly string[];
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

/** A request before it is known in which form it is sent. */
type Unformed = Omit<WireRequest, 'form'>;

class ConfiguredModel implements AccountedModel {
  private readonly accountant: Accountant;
  private readonly choice: FormChoice;
  /** Whether the model was seen to think, which takes tokens beside the answer's. */
  private thinks: boolean;
  /** Whether the last call ran out of time: the next one tries once. */
  private silent = false;
  private readonly said: string[] = [];

  constructor(
    readonly name: string,
    private readonly config: ModelConfig,
    private readonly provider: Provider | null,
    private readonly tape: Tape | undefined,
    private readonly budget: Budget,
    private readonly price: Price | null,
  ) {
    this.accountant = new Accountant(name, price?.since ?? null);
    this.choice = new FormChoice(provider?.forms ?? ['none']);
    // A program's tokens nobody counts, and Gemini's models think unless they are told not to.
    this.thinks =
      config.provider === 'command' || (config.provider === 'gemini' && config.thinkingBudget !== 0);
  }

  get account(): Account {
    return this.accountant.account;
  }

  get notes(): readonly string[] {
    const { note } = this.choice;
    return [...(note === null ? [] : [`${this.name} ${note}`]), ...this.said];
  }

  async ask<T>({ system, messages, schema, answerTokens, signal }: ModelRequest<T>): Promise<ModelReply<T>> {
    for (;;) {
      const maxOutputTokens = this.limit(answerTokens);
      const wire = { system, messages, schema: jsonSchemaOf(schema), maxOutputTokens };
      const reply = await this.answered(wire, signal);
      const read = readJson(reply.text, schema);
      const counted = this.counted(wire, reply);
      const made = { ...worded(read, reply), ...counted, text: reply.text, latencyMs: reply.latencyMs };
      this.accountant.add({ ...made, model: reply.model });
      if (reply.thought) this.thinks = true;
      const isShort = reply.ending?.kind === 'cut' && read.problem !== null && this.thinks;
      if (!isShort || maxOutputTokens >= this.limit(answerTokens)) return { ...made, model: reply.model };
      this.said.push(
        `${this.name} thinks: a decision may have ${this.limit(answerTokens)} tokens, not ${maxOutputTokens}`,
      );
    }
  }

  private counted(wire: Unformed, reply: WireReply): Pick<ModelReply<unknown>, 'usage' | 'usd'> {
    const usage = reply.usage ?? estimated(wire, reply.text);
    return { usage, usd: costOf(usage, this.price) };
  }

  private limit(answerTokens = DEFAULT_OUTPUT): number {
    return (
      this.config.maxOutputTokens ?? (this.thinks ? DEFAULT_OUTPUT : Math.min(answerTokens, DEFAULT_OUTPUT))
    );
  }

  private async answered(wire: Unformed, signal: AbortSignal | undefined): Promise<Taped> {
    try {
      const reply = await this.reply(wire, signal);
      this.silent = false;
      return reply;
    } catch (error) {
      this.silent = error instanceof ModelError && error.kind === 'time';
      // Out of budget: the call that failed was not made.
      if (!(error instanceof ModelError && error.kind === 'budget')) this.accountant.addFailure();
      throw error;
    }
  }

  private async reply(wire: Unformed, signal: AbortSignal | undefined): Promise<Taped> {
    const call = async (): Promise<Taped> => {
      if (this.provider === null) throw new ModelError('tape', `${this.name}: a replayed tape does not call`);
      const { send } = this.provider;
      const { timeout, firstPause, longestPause } = this.config;
      const attempts = this.silent ? 1 : this.config.attempts;
      const policy = { attempts, timeoutMs: timeout, firstPauseMs: firstPause, longestPauseMs: longestPause };
      const started = performance.now();
      const attempt = (one: AbortSignal) =>
        this.choice.of((form) => this.booked(wire, () => send({ ...wire, form }, one), one));
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
    wire: Unformed,
    attempt: () => Promise<R>,
    signal?: AbortSignal,
  ): Promise<R> {
    const most = this.most(wire);
    const settle = this.budget.reserve(most);
    try {
      const reply = await attempt();
      const { usage, usd } = this.counted(wire, reply);
      settle({ calls: 1, tokens: usage.inputTokens + usage.outputTokens, usd: usd ?? 0 });
      return reply;
    } catch (error) {
      settle(signal?.aborted || isUncertain(error) ? most : { ...NOTHING, calls: 1 });
      throw error;
    }
  }

  private most(wire: Unformed): Spent {
    const usage = { ...estimated(wire, ''), outputTokens: wire.maxOutputTokens };
    const tokens = usage.inputTokens + usage.outputTokens;
    return { calls: 1, tokens, usd: costOf(usage, this.price) ?? 0 };
  }
}

/** What the provider says of a reply that is of no use explains it better than what is wrong with its text. */
function worded<T>(
  { value, problem }: ReturnType<typeof readJson<T>>,
  { ending }: WireReply,
): Pick<ModelReply<T>, 'value' | 'problem'> {
  return { value, problem: problem === null ? null : (ending?.words ?? problem).slice(0, MOST_PROBLEM) };
}

/** A refusal may be long. */
const MOST_PROBLEM = 500;

/** What was refused is not billed; what was cut off (or too late) may have been, and nobody says how much. */
const isUncertain = (error: unknown): boolean =>
  error instanceof ModelError && ['network', 'reply'].includes(error.kind);

/** Four characters a token, as English has. */
function estimated({ system, messages, schema }: Unformed, text: string): Usage {
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
