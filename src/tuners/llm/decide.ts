import type { KnobValues } from '../../knobs/types.js';
import type { AccountedModel } from '../../models/index.js';
import type { Message } from '../../models/types.js';
import type { Observation, TuningContext } from '../types.js';
import { plain } from './fence.js';
import type { Observer } from './observers.js';
import { DECISION_TOKENS, type Decision, decisionSchema, objection } from './reply.js';

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
  /** Why a setting is not worth a window; null when it is. */
  readonly known: (values: KnobValues) => string | null;
  /** Whether a model that chooses what is known is asked again. */
  readonly patient: boolean;
  readonly signal: AbortSignal | undefined;
}

/** A usable decision, or why there is none; `repaired` says that the first reply was of no use. */
export type Decided =
  | { readonly decision: Decision; readonly repaired: boolean }
  /** `known`: it would have been usable, and was measured before. */
  | { readonly decision: null; readonly problem: string; readonly known: boolean };

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
    const answer = await model.ask({ system, messages, schema, answerTokens: DECISION_TOKENS, signal });
    const { value, problem, text } = answer;
    const go = (said: string, more: string): void => {
      messages = [...messages, { role: 'model', text: said }, { role: 'user', text: more }];
    };
    const observer = observers.find(({ name }) => name === value?.observe);
    const wanted = observer && observations < MOST_OBSERVATIONS;
    const known = value === undefined || wanted ? null : question.known(value.config);
    const wrong = problem ?? (value ? objection(value, context) : 'the reply is empty') ?? known;
    if (value === undefined || wrong !== null) {
      const why = plain(wrong ?? '', 300);
      const isKnown = known !== null && wrong === known;
      if (repaired || (isKnown && !question.patient)) return { decision: null, problem: why, known: isKnown };
      repaired = true;
      const again = isKnown
        ? `${why}. Choose a setting that was not measured yet.`
        : `That cannot be used: ${why}. Reply again in the form asked for.`;
      go(text.slice(0, MOST_ECHOED) || '(nothing)', again);
      continue;
    }
    if (!wanted) return { decision: value, repaired };
    observations++;
    go(JSON.stringify(value), `${await observer.observe(history, context, changed)}\nNow choose.`);
  }
}
