import { messageOf } from '../../errors.js';
import { ModelError } from '../../models/failure.js';
import type { Observation, Proposal, TuningContext } from '../types.js';
import { bestSetting } from './best.js';
import { decide } from './decide.js';
import { shouldEscalate } from './escalate.js';
import { plain } from './fence.js';
import { conversation } from './history.js';
import { OBSERVERS } from './observers.js';
import type { LlmOptions } from './options.js';
import type { Decision } from './reply.js';
import { systemPrompt } from './system.js';
import type { Tally } from './tally.js';
import { configText } from './window-line.js';

/** Decisions in a row that may be skipped before the run is ended. */
const MOST_SKIPPED = 3;
/** Equal proposals in a row after which the model is told, and after which the run ends. */
const TELL_STUCK = 5;
const END_STUCK = 10;
const MOST_REASON = 400;

/** One run of the LLM tuner: the model's replies so far, and what went wrong. */
export class LlmRun {
  readonly tally: Tally = { repaired: 0, skipped: 0, escalated: 0, ended: null };
  private readonly replies = new Map<number, string>();
  private readonly chosen: string[] = [];
  private skippedInARow = 0;
  private lastLarge: number | null = null;
  /** The window from which on figures are of the present load. */
  private changed = 0;

  constructor(
    readonly context: TuningContext,
    private readonly options: LlmOptions,
  ) {}

  async propose(history: readonly Observation[]): Promise<Proposal | null> {
    const same = this.sameInARow();
    if (same >= END_STUCK && this.options.whenStuck !== 'stay')
      return this.end(`the model proposed one and the same point ${same} times in a row`);
    try {
      const decided = await this.ask(history, same);
      if (decided.decision === null) return this.skip(history, decided.problem);
      if (decided.repaired) this.tally.repaired++;
      return this.take(history, decided.decision);
    } catch (error) {
      return this.failed(history, error);
    }
  }

  private ask(history: readonly Observation[], same: number) {
    const { model, large, changed: detect, signal, history: policy = { kind: 'summary' } } = this.options;
    const observers = this.options.observers ?? OBSERVERS;
    const changed = detect?.(history, this.context) ?? 0;
    this.changed = changed;
    const escalated = large !== undefined && shouldEscalate(history, this.context, changed, this.lastLarge);
    if (escalated) {
      this.tally.escalated++;
      this.lastLarge = history.length;
    }
    const remark =
      same >= TELL_STUCK
        ? `You chose the same values ${same} times in a row: choose others, or they are taken as final. `
        : '';
    const messages = conversation(policy, history, this.context, { replies: this.replies, changed, remark });
    const system = systemPrompt(this.context, history[0], observers);
    const question = { model: escalated ? large : model, system, messages, observers, changed, signal };
    return decide(question, history, this.context);
  }

  private take(history: readonly Observation[], { analysis, config }: Decision): Proposal {
    this.skippedInARow = 0;
    this.chosen.push(configText(config, this.context));
    // A model that is shown its own long replies writes ever longer ones.
    const reason = plain(analysis, MOST_REASON);
    this.replies.set(history.length, JSON.stringify({ analysis: reason, config, observe: null }));
    return { values: config, reason: reason || 'The model gave no reason.' };
  }

  private skip(history: readonly Observation[], why: string): Proposal | null {
    this.tally.skipped++;
    if (++this.skippedInARow >= MOST_SKIPPED) return this.end(`${MOST_SKIPPED} decisions in a row: ${why}`);
    const best = bestSetting(history.slice(this.changed), this.context)?.values ?? this.context.defaults;
    const values = Object.fromEntries(this.context.knobs.map(({ name }) => [name, best[name] as number]));
    return { values, reason: `No usable decision (${why}): the best so far stays for this window.` };
  }

  /** Without any reply yet the caller has something to put right; later, what was found counts. */
  private failed(history: readonly Observation[], error: unknown): Proposal | null {
    if (!(error instanceof ModelError) || error.kind === 'tape') throw error;
    if (error.kind === 'stopped') return null;
    if (error.kind === 'budget') return this.end(error.message);
    if (this.replies.size === 0) throw error;
    if (error.isPassing || error.kind === 'reply') return this.skip(history, messageOf(error));
    return this.end(error.message);
  }

  private end(why: string): null {
    this.tally.ended = why;
    return null;
  }

  private sameInARow(): number {
    const last = this.chosen.at(-1);
    return this.chosen.length - 1 - this.chosen.findLastIndex((choice) => choice !== last);
  }
}
