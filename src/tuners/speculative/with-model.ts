import { presentLoad as changed } from '../change-point.js';
import type { LlmOptions } from '../llm/options.js';
import { llm } from '../llm.js';
import { speculative } from '../speculative.js';
import type { Tuner } from '../types.js';
import type { Clock } from './clock.js';
import { localSpeculator } from './local.js';

/** A model that is asked in each cycle. */
export const modelTuner = (options: LlmOptions): Tuner => llm({ ...options, changed });

/** A model that thinks over several windows beside the local speculator; it stays where it is when it is stuck. */
export const speculativeWithModel = (options: LlmOptions, clock: Clock): Tuner =>
  speculative({
    ...{ speculator: localSpeculator(changed), clock, changed },
    actor: llm({ ...options, changed, whenStuck: 'stay' }),
  });
