import { usageError } from '../errors.js';
import { nearHint } from '../near.js';
import { expert } from './expert.js';
import { fixed } from './fixed.js';
import { grid } from './grid.js';
import { llmOptions, type ModelSettings } from './llm/settings.js';
import { llm } from './llm.js';
import { random } from './random.js';
import type { Tuner } from './types.js';

/** What a caller may set about a tuner. */
export interface TunerOptions {
  /** `grid`: values per knob. */
  readonly points?: number | undefined;
  /** `llm`: which model, within which budget. */
  readonly models?: ModelSettings | undefined;
}

const MAKERS: Readonly<Record<string, (options: TunerOptions) => Tuner>> = {
  expert: () => expert,
  grid: ({ points }) => grid(points),
  random: () => random,
  fixed: () => fixed,
  llm: ({ models = {} }) => llm(llmOptions(models)),
};

export const DEFAULT_TUNER = 'expert';

/** Those that ask a model. */
export const MODEL_TUNERS: readonly string[] = ['llm'];

/** The tuners' names, the default first. */
export const TUNERS: readonly string[] = Object.keys(MAKERS);

/**
 * The tuner of that name.
 * @throws TunesmithError (usage) for an unknown name, with near ones; (incapable) for a model without its key
 */
export function makeTuner(name: string, options: TunerOptions = {}): Tuner {
  const make = Object.hasOwn(MAKERS, name) ? MAKERS[name] : undefined;
  if (!make) throw usageError('--tuner', name, 'is not known', nearHint(name, TUNERS));
  return make(options);
}
