import type { Knob } from '../../knobs/types.js';
import { expert } from '../../tuners/expert.js';
import { fixed } from '../../tuners/fixed.js';
import { human } from '../../tuners/human.js';
import { llm } from '../../tuners/llm.js';
import { PAPER_LATENCIES, virtualClock } from '../../tuners/speculative/clock.js';
import { localSpeculator } from '../../tuners/speculative/local.js';
import { settled } from '../../tuners/speculative/settled.js';
import { speculative } from '../../tuners/speculative.js';
import type { Tuner } from '../../tuners/types.js';
import { studyModel, studyTrace } from '../study/outside.js';
import type { StudyOptions } from '../study/profile.js';

/** Whose latency the expert's rules have when they stand for a model. */
export const STAND_IN = 'gemini-2.5-flash';

/** Stays as it is, window after window. */
const untuned: Tuner = {
  name: 'untuned',
  propose: async (history, context) => settled(history.slice(0, 1), context),
};

const named = (name: string, tuner: Tuner): Tuner => ({ ...tuner, name });

/**
 * The arms of the experiment, the last of them a person's if a trace is given. The slow side is the model that is named,
 * with its own latency; without one the expert's rules, with the latency of a model of the paper's Table 3, drawn by seed.
 * @param windowS length of a window, s
 * @throws TunesmithError (usage, incapable) for a model or a trace that cannot be had
 */
export function armsOf(
  { models, trace }: Pick<StudyOptions, 'models' | 'trace'>,
  windowS: number,
  knobs: readonly Knob[],
): readonly Tuner[] {
  const rows = studyTrace(trace, [knobs])(knobs);
  const model = studyModel(models);
  const slow = () =>
    model
      ? { actor: llm({ ...model, whenStuck: 'stay' }), clock: virtualClock(windowS) }
      : { actor: expert, clock: virtualClock(windowS, PAPER_LATENCIES[STAND_IN], 42) };
  return [
    named('speculator + actor', speculative({ speculator: localSpeculator(() => 0), ...slow() })),
    named('actor alone', speculative({ speculator: fixed, ...slow() })),
    untuned,
    ...(rows ? [human(rows)] : []),
  ];
}
