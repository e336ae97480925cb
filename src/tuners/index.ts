import { missing, usageError } from '../errors.js';
import { nearHint } from '../near.js';
import { bayesian } from './bayesian.js';
import { dqn } from './dqn.js';
import { expert } from './expert.js';
import { fixed } from './fixed.js';
import { grid } from './grid.js';
import { readTrace } from './human/trace.js';
import { human } from './human.js';
import { llmOptions, type ModelSettings } from './llm/settings.js';
import { qLearning } from './q-learning.js';
import { random } from './random.js';
import { realClock, virtualClock } from './speculative/clock.js';
import { modelTuner, speculativeWithModel } from './speculative/with-model.js';
import type { Tuner } from './types.js';

/** What a caller may set about a tuner. */
export interface TunerOptions {
  /** `grid`: values per knob. */
  readonly points?: number | undefined;
  /** `human`: a file with the choices. */
  readonly trace?: string | undefined;
  /** `llm`, `speculative`: which model, within which budget. */
  readonly models?: ModelSettings | undefined;
  /** Length of a window, s, where time is virtual: the lab's. */
  readonly windowS?: number | undefined;
}

const MAKERS: Readonly<Record<string, (options: TunerOptions) => Tuner>> = {
  expert: () => expert,
  grid: ({ points }) => grid(points),
  random: () => random,
  bayesian: () => bayesian(),
  'q-learning': () => qLearning('paper'),
  'q-learning-budget': () => qLearning('budget'),
  dqn: () => dqn('paper'),
  'dqn-budget': () => dqn('budget'),
  human: ({ trace }) => human(readTrace(traceOf(trace))),
  fixed: () => fixed,
  llm: ({ models = {} }) => modelTuner({ ...llmOptions(models), rules: expert }),
  speculative: ({ models = {}, windowS }) =>
    speculativeWithModel(llmOptions(models), windowS === undefined ? realClock() : virtualClock(windowS)),
};

export const DEFAULT_TUNER = 'expert';

/** Those that ask a model. */
export const MODEL_TUNERS: readonly string[] = ['llm', 'speculative'];

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

function traceOf(trace: string | undefined): string {
  if (trace !== undefined) return trace;
  throw missing('--trace', '--tuner human --trace FILE, a CSV or JSON of its choices');
}
