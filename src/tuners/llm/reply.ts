import { z } from 'zod';
import { contradiction } from '../../knobs/contradiction.js';
import type { Knob, KnobValues } from '../../knobs/types.js';
import type { TuningContext } from '../types.js';
import { arranged } from './accept.js';
import type { Observer } from './observers.js';

/** What a model decided. */
export interface Decision {
  readonly config: KnobValues;
  /** An observer's name, or null. */
  readonly observe: string | null;
  readonly analysis: string;
}

/** Characters of an analysis: a model whose words have no end writes to the limit of its tokens. */
export const MOST_ANALYSIS = 400;
/** Tokens of a decision: config, and an analysis of that length, with room for blanks. */
export const DECISION_TOKENS = 1024;

/**
 * The reply's schema for a run: every knob with its range, every observer by name. The config comes first: a model that
 * does not think has decided by then, and what it writes after it cannot cost the decision.
 */
export function decisionSchema(context: TuningContext, observers: readonly Observer[]): z.ZodType<Decision> {
  // In words: signs such as <= do not get through what keeps a stranger's text from looking like a fence.
  const value = ({ name, min, max, unit }: Knob) => {
    const whole = `must be a whole number${unit === 'count' ? '' : ` of ${unit}`}, such as ${context.defaults[name]}`;
    return z.int(whole).min(min, `must be at least ${min}`).max(max, `must be at most ${max}`);
  };
  const config = Object.fromEntries(context.knobs.map((knob) => [knob.name, value(knob)]));
  const names = observers.map(({ name }) => name);
  const form = z.strictObject({
    config: z.strictObject(config) as z.ZodType<KnobValues>,
    observe: names.length > 0 ? z.enum(names).nullable() : z.null(),
    analysis: z.string().max(MOST_ANALYSIS),
  });
  return z.preprocess((reply, refuse) => arranged(reply, context, names, MOST_ANALYSIS, refuse), form);
}

/** What is wrong with a decision that fits the schema, in words the model can be told; null when nothing is. */
export const objection = ({ config }: Decision, { defaults }: TuningContext): string | null =>
  contradiction({ ...defaults, ...config });
