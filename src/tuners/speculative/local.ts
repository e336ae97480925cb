import { expert } from '../expert.js';
import { bestSetting } from '../llm/best.js';
import type { ChangeDetector } from '../llm/options.js';
import { configText } from '../llm/window-line.js';
import type { Observation, Proposal, Tuner, TuningContext } from '../types.js';

/**
 * A local predictor as the speculator. It answers in milliseconds: after a change of the load first what was best
 * under earlier loads, the latest first (loads come back), then the expert's rules, which search anew.
 */
export const localSpeculator = (changed: ChangeDetector): Tuner => ({
  name: 'local',
  async propose(history, context) {
    const start = changed(history, context);
    if (start === 0) return expert.propose(history, context);
    const known = recalled(history.slice(0, start), history.slice(start), context, changed);
    return known ?? expert.propose(history, context);
  },
});

function recalled(
  former: readonly Observation[],
  current: readonly Observation[],
  context: TuningContext,
  changed: ChangeDetector,
): Proposal | null {
  const tried = new Set(current.map(({ values }) => configText(values, context)));
  for (let end = former.length; end > 0; ) {
    const segment = former.slice(0, end);
    const start = changed(segment, context);
    const best = bestSetting(segment.slice(start), context);
    if (best && !tried.has(configText(best.values, context)))
      return {
        values: best.values,
        reason: `The load changed; this was best in windows ${start} to ${end - 1}.`,
      };
    end = start;
  }
  return null;
}
