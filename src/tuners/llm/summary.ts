import { formatValue } from '../../units.js';
import { askedFor } from '../extra.js';
import type { Observation, TuningContext } from '../types.js';
import { bestSetting, isSound, meanOf, rankedSettings } from './best.js';
import { regions } from './regions.js';
import {
  besideNames,
  besideText,
  configText,
  figureText,
  knobNames,
  settingsText,
  shortLine,
} from './window-line.js';

const LAST = 6;
const LAST_BESIDE = 3;
const RUNNERS_UP = 2;

/**
 * A run in a text whose length does not grow with it: where it stands, the default, the best so far, the last
 * windows, each with what was measured beside the objective, the trend, the last change, and which parts of the ranges
 * were tried with what result and which were not.
 * @param changed the window from which on figures are of the present load
 */
export function summary(history: readonly Observation[], context: TuningContext, changed: number): string {
  const current = history.slice(changed);
  const left = context.cycles - askedFor(history).length;
  const names = besideNames(history.at(-1), context);
  const beside = (window: Observation | undefined) => besideText(window, names, context);
  const isDefault = history[0] && changed === 0;
  return [
    `${history.length} windows done, ${left} left.`,
    ...(names.length > 0 ? [`After |: ${names.map(scoped).join(', ')}.`] : []),
    ...(isDefault
      ? [`Default: ${figureText(history[0]?.objective ?? null, context)}${beside(history[0])}`]
      : []),
    ...changeLines(history, context, changed),
    ...bestLines(current, context, beside),
    `Last windows (${knobNames(context)} → ${context.objective.metric}):`,
    ...lastLines(history, context, beside),
    ...trend(current, context),
    ...regions(current, context),
  ].join('\n');
}

/** The last windows, the last settings of them with what was measured beside the objective. */
function lastLines(
  history: readonly Observation[],
  context: TuningContext,
  beside: (window: Observation) => string,
): readonly string[] {
  const shown = new Set<string>();
  const lines = history
    .slice(-LAST)
    .toReversed()
    .map((window) => {
      const setting = configText(window.values, context);
      const isNew = shown.size < LAST_BESIDE && !shown.has(setting);
      shown.add(setting);
      return `${shortLine(window, context)}${isNew ? beside(window) : ''}`;
    });
  return lines.reverse();
}

/** A count of tasks is of the whole machine: nobody should take it for one CPU's. */
const scoped = (name: string): string =>
  name === 'runq_waiting' ? 'runq_waiting (all CPUs together)' : name;

function bestLines(
  windows: readonly Observation[],
  context: TuningContext,
  beside: (window: Observation | undefined) => string,
): readonly string[] {
  const [best, ...others] = rankedSettings(windows, context);
  if (!best) return ['Best so far: no window has given a figure.'];
  const of = best.windows > 1 ? ` (mean of ${best.windows} windows)` : '';
  const itself = configText(best.values, context);
  const window = windows.findLast((one) => isSound(one) && configText(one.values, context) === itself);
  const next = others.slice(0, RUNNERS_UP).map(({ values, mean }) => {
    return `${settingsText(values, context)} → ${figureText(mean, context)}`;
  });
  return [
    `Best so far: ${itself} → ${figureText(best.mean, context)}${of}${beside(window)}`,
    ...(next.length > 0 ? [`Then: ${next.join('; ')}`] : []),
  ];
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
