import { formatKnob } from '../../knobs/format.js';
import { formatValue } from '../../units.js';
import { isProxy } from '../proxy.js';
import type { Observation, TuningContext } from '../types.js';
import { plain } from './fence.js';
import { tellingFigures } from './visible.js';

/** Values of the tuned knobs as the reply has them: `{"latency_ns":2000000}`. */
export const configText = (values: Observation['values'], { knobs, defaults }: TuningContext): string =>
  JSON.stringify(Object.fromEntries(knobs.map(({ name }) => [name, values[name] ?? defaults[name]])));

/** The objective's figure, or that there was none. */
export const figureText = (figure: number | null, { objective }: TuningContext): string =>
  figure === null ? 'no figure' : formatValue(figure, objective.unit);

/** One window on a line: number, values, figure, what came of it. */
export function windowLine(window: Observation, context: TuningContext): string {
  const { cycle, values, objective } = window;
  return `Window ${cycle}: ${configText(values, context)} → ${figureText(objective, context)}, ${outcomeText(window, context)}`;
}

/** Values of the tuned knobs in their order, for reading: "2 ms, 1.16 ms". */
export const settingsText = (values: Observation['values'], { knobs, defaults }: TuningContext): string =>
  knobs.map((knob) => formatKnob(knob, values[knob.name] ?? (defaults[knob.name] as number))).join(', ');

/** One window in a list whose head names the knobs: "12: 2 ms, 1.16 ms → 26.5 ms, kept". */
export function shortLine(window: Observation, context: TuningContext): string {
  const { values, objective, cycle } = window;
  return `${cycle}: ${settingsText(values, context)} → ${figureText(objective, context)}, ${outcomeText(window, context)}`;
}

/** The names of the tuned knobs, for the head of such a list. */
export const knobNames = ({ knobs }: TuningContext): string => knobs.map(({ name }) => name).join(', ');

/** A breach's note may name figures that are hidden where a proxy is tuned. */
function outcomeText({ outcome, note }: Observation, context: TuningContext): string {
  if (outcome === 'rejected') return `not tried: ${plain(note, 200)}`;
  if (outcome === 'breach') return isProxy(context) ? 'breached a guardrail' : `breach: ${plain(note, 200)}`;
  return outcome;
}

/** Figures beside the objective that a list of windows has room for. */
const MOST_BESIDE = 4;

/** Which figures stand beside the objective in a list of windows: the telling ones that the last window has. */
export const besideNames = (window: Observation | undefined, context: TuningContext): readonly string[] =>
  tellingFigures(window, context)
    .slice(0, MOST_BESIDE)
    .map(({ name }) => name);

/** A window's figures of these names, in their order: " | 712/s, 4.51 ms"; '' where there are none. */
export function besideText(
  window: Observation | undefined,
  names: readonly string[],
  context: TuningContext,
): string {
  const figures = new Map(tellingFigures(window, context).map((figure) => [figure.name, figure]));
  if (names.every((name) => !figures.has(name))) return '';
  const texts = names.map((name) => {
    const figure = figures.get(name);
    return figure ? formatValue(figure.value, figure.unit) : '–';
  });
  return ` | ${texts.join(', ')}`;
}

/** The auxiliary figures of a window on a line; '' where there are none. */
export const auxiliaryLine = (window: Observation | undefined, context: TuningContext): string => {
  const figures = tellingFigures(window, context).map(
    ({ name, value, unit }) => `${name} ${formatValue(value, unit)}`,
  );
  return figures.length === 0 ? '' : `Also measured: ${figures.join(', ')}`;
};
