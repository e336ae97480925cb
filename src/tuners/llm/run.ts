import { messageOf } from '../../errors.js';
import { ModelError } from '../../models/failure.js';
import type { Observation, Proposal, TuningContext } from '../types.js';
import { bestSetting } from './best.js';
import { type Decided, decide } from './decide.js';
import { shouldEscalate } from './escalate.js';
import { plain } from './fence.js';
import { conversation } from './history.js';
import { knownFrom } from './known.js';
import { observersOf } from './observers.js';
import type { LlmOptions } from './options.js';
import { type Decision, MOST_ANALYSIS } from './reply.js';
import { Rules } from './rules.js';
import { systemPrompt } from './system.js';
import { newTally, type Tally } from './tally.js';
import { configText } from './window-line.js';

/** Decisions in a row that may be skipped, and known settings chosen in a row, before the model is not asked any more. */
const MOST_SKIPPED = 3;
const MOST_KNOWN = 5;
/** Equal proposals in a row after which the model is told, and after which the run ends. */
const TELL_STUCK = 5;
const END_STUCK = 10;

/** One run of the LLM tuner: the model's replies so far, and what went wrong. */
export class LlmRun {
  readonly tally: Tally = newTally();
  private readonly replies = new Map<number, string>();
  private readonly chosen: string[] = [];
  private readonly rules: Rules | null;
  private skippedInARow = 0;
  private knownInARow = 0;
  /** Replies there were before this run: runs may share a model. */
  private readonly before: number;
  private lastLarge: number | null = null;
  /** The window from which on figures are of the present load. */
  private changed = 0;

  constructor(
    readonly context: TuningContext,
    private readonly options: LlmOptions,
  ) {
    this.before = this.calls();
    this.rules = options.rules ? new Rules(options.rules, context) : null;
  }

  async propose(history: readonly Observation[]): Promise<Proposal | null> {
    this.changed = this.options.changed?.(history, this.context) ?? 0;
    const candidate = (await this.rules?.next(history)) ?? null;
    // Whether or not there is a candidate, the model's last choice is judged.
    if (this.rules?.isTurn(history) && candidate)
      return this.byRules(candidate, 'Measured next, as the model’s own choice was not the best');
    if (this.tally.ended !== null) return candidate && this.byRules(candidate, 'Without the model');
    if (this.rules?.isSpent(history)) return this.end('its extra windows are used up', candidate);
    const same = this.sameInARow();
    if (same >= END_STUCK && this.options.whenStuck !== 'stay')
      return this.end(`the model proposed one and the same point ${same} times in a row`, candidate);
    try {
      const decided = await this.ask(history, same, candidate);
      if (decided.decision === null) return this.skip(history, decided, candidate);
      if (decided.repaired) this.tally.repaired++;
      return this.take(history, decided.decision, candidate);
    } catch (error) {
      return this.failed(history, error, candidate);
    }
  }

  private ask(history: readonly Observation[], same: number, candidate: Proposal | null): Promise<Decided> {
    const { model, large, signal, history: policy = { kind: 'summary' } } = this.options;
    const observers = this.options.observers ?? observersOf(this.context);
    const { changed, context, replies } = this;
    const escalated = large !== undefined && shouldEscalate(history, context, changed, this.lastLarge);
    if (escalated) {
      this.tally.escalated++;
      this.lastLarge = history.length;
    }
    const remark =
      same >= TELL_STUCK
        ? `You chose the same values ${same} times in a row: choose others, or they are taken as final. `
        : '';
    const messages = conversation(policy, history, context, { replies, changed, remark, candidate });
    const system = systemPrompt(context, history[0], observers);
    const isRefusing = context.exact || this.rules !== null;
    const question = {
      ...{ model: escalated ? large : model, system, messages, observers, changed, signal },
      known: (values: Observation['values']) =>
        isRefusing ? knownFrom(values, history.slice(changed), context) : null,
      patient: this.knownInARow === 0,
    };
    return decide(question, history, context);
  }

  private take(
    history: readonly Observation[],
    { analysis, config }: Decision,
    candidate: Proposal | null,
  ): Proposal {
    this.skippedInARow = 0;
    this.knownInARow = 0;
    const text = configText(config, this.context);
    this.chosen.push(text);
    // A model that is shown its own long replies writes ever longer ones.
    const words = plain(analysis, MOST_ANALYSIS);
    this.replies.set(history.length, JSON.stringify({ config, observe: null, analysis: words }));
    const reason = words || 'The model gave no reason.';
    const proposal = { values: config, reason };
    const isOwn = candidate && configText(candidate.values, this.context) !== text;
    return isOwn && this.rules ? this.rules.overruled(history, proposal) : proposal;
  }

  private skip(
    history: readonly Observation[],
    { problem, known }: { readonly problem: string; readonly known: boolean },
    candidate: Proposal | null,
  ): Proposal | null {
    if (known) {
      this.tally.known++;
      this.knownInARow++;
    } else {
      this.tally.skipped++;
      this.skippedInARow++;
      this.knownInARow = 0;
    }
    if (this.skippedInARow >= MOST_SKIPPED)
      return this.end(`${MOST_SKIPPED} decisions in a row: ${problem}`, candidate);
    if (this.knownInARow >= MOST_KNOWN)
      return this.end(`the model chose what is known ${MOST_KNOWN} times in a row`, candidate);
    if (candidate)
      return this.byRules(
        candidate,
        known ? `The model chose what is known (${problem})` : `No usable decision (${problem})`,
      );
    // The same again tells nothing, and there is nothing else.
    if (known && (this.context.exact || this.rules))
      return this.end(`nothing new from the model: ${problem}`, null);
    const best = bestSetting(history.slice(this.changed), this.context)?.values ?? this.context.defaults;
    const values = Object.fromEntries(this.context.knobs.map(({ name }) => [name, best[name] as number]));
    return { values, reason: `No usable decision (${problem}): the best so far stays for this window.` };
  }

  private byRules({ values, reason }: Proposal, why: string): Proposal {
    this.tally.rules++;
    return { values, reason: `${why}; the rules’ proposal: ${reason}` };
  }

  /** Without any reply yet the caller may have something to put right; else what can be found counts. */
  private failed(
    history: readonly Observation[],
    error: unknown,
    candidate: Proposal | null,
  ): Proposal | null {
    if (!(error instanceof ModelError) || error.kind === 'tape') throw error;
    if (error.kind === 'stopped') return null;
    if (error.kind === 'budget') return this.end(error.message, candidate);
    const isPassing = error.isPassing || error.kind === 'reply';
    const isSlow = error.kind === 'time' || error.kind === 'reply';
    if (this.calls() === this.before && this.tally.skipped === 0 && !isSlow) throw error;
    if (isPassing) return this.skip(history, { problem: messageOf(error), known: false }, candidate);
    return this.end(error.message, candidate);
  }

  /** The model is not asked any more: the rules finish the run, where there are any. */
  private end(why: string, candidate: Proposal | null): Proposal | null {
    this.tally.ended = why;
    this.tally.rulesGoOn = this.rules !== null;
    return candidate && this.byRules(candidate, 'Without the model');
  }

  /** Replies of any kind so far. */
  private calls(): number {
    return this.options.model.account.calls + (this.options.large?.account.calls ?? 0);
  }

  private sameInARow(): number {
    const last = this.chosen.at(-1);
    return this.chosen.length - 1 - this.chosen.findLastIndex((choice) => choice !== last);
  }
}
