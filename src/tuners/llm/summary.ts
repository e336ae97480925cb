import { formatValue } from '../../units.js';
import type { Observation, TuningContext } from '../types.js';
import { bestSetting, meanOf, rankedSettings } from './best.js';
import { regions } from './regions.js';
import { auxiliaryLine, configText, figureText, knobNames, settingsText, shortLine } from './window-line.js';

const LAST = 6;
const RUNNERS_UP = 2;

/**
 * A run in a text whose length does not grow with it: where it stands, the default, the best so far, the last
 * windows, the trend, the last change, and which parts of the ranges were tried with what result.
 * @param changed the window from which on figures are of the present load
 */
export function summary(history: readonly Observation[], context: TuningContext, changed: number): string {
  const current = history.slice(changed);
  const left = context.cycles - history.length;
  return [
    `${history.length} windows done, ${left} left.`,
    ...(history[0] && changed === 0 ? [`Default: ${figureText(history[0].objective, context)}`] : []),
    ...changeLines(history, context, changed),
    bestLine(current, context),
    `Last windows (${knobNames(context)} → ${context.objective.metric}):`,
    ...history.slice(-LAST).map((window) => shortLine(window, context)),
    ...trend(current, context),
    ...regions(current, context),
    ...[auxiliaryLine(history.at(-1), context)].filter(Boolean),
  ].join('\n');
}

function bestLine(windows: readonly Observation[], context: TuningContext): string {
  const [best, ...others] = rankedSettings(windows, context);
  if (!best) return 'Best so far: no window has given a figure.';
  const of = best.windows > 1 ? ` (mean of ${best.windows} windows)` : '';
  const next = others.slice(0, RUNNERS_UP).map(({ values, mean }) => {
    return `${settingsText(values, context)} → ${figureText(mean, context)}`;
  });
  const then = next.length > 0 ? `\nThen: ${next.join('; ')}` : '';
  return `Best so far: ${configText(best.values, context)} → ${figureText(best.mean, context)}${of}${then}`;
}

function changeLines(
  history: readonly Observation[],
  context: TuningContext,
  changed: number,
): readonly string[] {
  if (changed === 0) return [];
  const former = bestSetting(history.slice(0, changed), context);
  const was = former === null ? '' : `; the best before it was ${settingsText(former.values, context)}`;
  return [`The load changed at window ${changed}${was}. Best and regions are since then.`];
}

function trend(windows: readonly Observation[], context: TuningContext): readonly string[] {
  const [late, before] = [meanOf(windows.slice(-LAST)), meanOf(windows.slice(-2 * LAST, -LAST))];
  if (late === null || before === null) return [];
  const { unit } = context.objective;
  return [`Trend: mean ${formatValue(before, unit)}, then ${formatValue(late, unit)} in the last ${LAST}.`];
}
