import type { KnobValues } from '../../knobs/types.js';
import type { Observation, TuningContext } from '../types.js';
import { meanOf } from './best.js';
import { configText, figureText, settingsText } from './window-line.js';

/** Windows of one setting that tell something where windows differ. */
const WORTH = 2;

/**
 * Why a setting is not worth a window, in words the model can be told; null when it is. Where windows of one setting are
 * the same, one is enough; where they differ, a second may be worth it.
 * @param windows those of the present load
 */
export function knownFrom(
  values: KnobValues,
  windows: readonly Observation[],
  context: TuningContext,
): string | null {
  const wanted = configText(values, context);
  const own = windows.filter(
    ({ values: other, outcome }) => outcome !== 'rejected' && configText(other, context) === wanted,
  );
  const times = own.reduce((sum, { noise }) => sum + (noise === undefined ? 1 : WORTH), 0);
  if (times < (context.exact ? 1 : WORTH)) return null;
  const figure = figureText(meanOf(own), context);
  return `${settingsText(values, context)} is known: ${figure}${context.exact ? ', and the same again is the same figure' : ''}`;
}
