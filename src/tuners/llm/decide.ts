import type { AccountedModel } from '../../models/index.js';
import type { Message } from '../../models/types.js';
import type { Observation, TuningContext } from '../types.js';
import { plain } from './fence.js';
import type { Observer } from './observers.js';
import { type Decision, decisionSchema, objection } from './reply.js';

/** Observations a model may ask for before one decision. */
const MOST_OBSERVATIONS = 2;
/** Characters of a useless reply that are shown to the model again. */
const MOST_ECHOED = 2000;

export interface Question {
  readonly model: AccountedModel;
  readonly system: string;
  readonly messages: readonly Message[];
  readonly observers: readonly Observer[];
  /** The window from which on figures are of the present load. */
  readonly changed: number;
  readonly signal: AbortSignal | undefined;
}

/** A usable decision, or why there is none; `repaired` says that the first reply was of no use. */
export type Decided =
  | { readonly decision: Decision; readonly repaired: boolean }
  | { readonly decision: null; readonly problem: string };

/**
 * Asks until there is a decision: shows what the model wants to see, and lets it repair one useless reply.
 * @throws ModelError when no reply can be had
 */
export async function decide(
  question: Question,
  history: readonly Observation[],
  context: TuningContext,
): Promise<Decided> {
  const { model, system, observers, changed, signal } = question;
  const schema = decisionSchema(context, observers);
  let messages = question.messages;
  let observations = 0;
  let repaired = false;
  for (;;) {
    const { value, problem, text } = await model.ask({ system, messages, schema, signal });
    const wrong = problem ?? (value ? objection(value, context) : null);
    const go = (said: string, answer: string): void => {
      messages = [...messages, { role: 'model', text: said }, { role: 'user', text: answer }];
    };
    if (value === undefined || wrong !== null) {
      const why = plain(wrong ?? 'the reply is empty', 300);
      if (repaired) return { decision: null, problem: why };
      repaired = true;
      go(
        text.slice(0, MOST_ECHOED) || '(nothing)',
        `That cannot be used: ${why}. Reply again in the form asked for.`,
      );
      continue;
    }
    const observer = observers.find(({ name }) => name === value.observe);
    if (!observer || observations++ >= MOST_OBSERVATIONS) return { decision: value, repaired };
    go(JSON.stringify(value), `${await observer.observe(history, context, changed)}\nNow choose.`);
  }
}
