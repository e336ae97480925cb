import { parseLimits } from '../../models/budget.js';
import { parseModel } from '../../models/config.js';
import { makeBudget, makeModel } from '../../models/index.js';
import { parseHistory } from './history.js';
import type { LlmOptions } from './options.js';

/** What a caller may say about the models, as text. */
export interface ModelSettings {
  /** `--model`; left out, a model of Google's. */
  readonly model?: string | undefined;
  /** `--model-large` */
  readonly large?: string | undefined;
  /** `--budget` */
  readonly budget?: string | undefined;
  /** `--history` */
  readonly history?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

const DEFAULT_MODEL = 'gemini:gemini-3.8-flash';
/** Nobody means to spend without end: a run of the paper's length costs less (Table 4). */
const DEFAULT_BUDGET = 'calls=1000,tokens=5M';

/**
 * The LLM tuner's options from text.
 * @throws TunesmithError (usage) for settings that make no sense; (incapable) without a key, naming its variable
 */
export function llmOptions(settings: ModelSettings): LlmOptions {
  const { model = DEFAULT_MODEL, large, budget = DEFAULT_BUDGET, history = 'summary', signal } = settings;
  const small = parseModel(model);
  const big = large === undefined ? undefined : parseModel(large);
  const isReplay = [small, big ?? small].every(({ tape }) => tape?.mode === 'replay');
  const shared = makeBudget(parseLimits(budget), isReplay);
  return {
    model: makeModel(small, shared),
    large: big && makeModel(big, shared),
    history: parseHistory(history),
    signal,
  };
}
