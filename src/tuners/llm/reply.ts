import { z } from 'zod';
import { contradiction } from '../../knobs/contradiction.js';
import type { Knob, KnobValues } from '../../knobs/types.js';
import type { TuningContext } from '../types.js';
import type { Observer } from './observers.js';

/** What a model decided. */
export interface Decision {
  readonly analysis: string;
  readonly config: KnobValues;
  /** An observer's name, or null. */
  readonly observe: string | null;
}

/** The reply's schema for a run: every knob with its range, every observer by name. */
export function decisionSchema(
  { knobs }: TuningContext,
  observers: readonly Observer[],
): z.ZodType<Decision> {
  // In words: signs such as <= do not get through what keeps a stranger's text from looking like a fence.
  const value = ({ min, max }: Knob) =>
    z.int().min(min, `must be at least ${min}`).max(max, `must be at most ${max}`);
  const config = Object.fromEntries(knobs.map((knob) => [knob.name, value(knob)]));
  const names = observers.map(({ name }) => name);
  return z.strictObject({
    analysis: z.string(),
    config: z.strictObject(config) as z.ZodType<KnobValues>,
    observe: (names.length > 0 ? z.enum(names) : z.never()).nullable().default(null),
  });
}

/** What is wrong with a decision that fits the schema, in words the model can be told; null when nothing is. */
export const objection = ({ config }: Decision, { defaults }: TuningContext): string | null =>
  contradiction({ ...defaults, ...config });
