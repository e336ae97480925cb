import { formatValue } from '../../units.js';
import type { Observation, TuningContext } from '../types.js';
import { isSound } from './best.js';
import { visibleFigures } from './visible.js';
import { windowLine } from './window-line.js';

/** Something a model may ask to see before it decides. */
export interface Observer {
  /** One word: what the model replies to get it. */
  readonly name: string;
  readonly meaning: string;
  /**
   * Text for the prompt.
   * @param changed the window from which on figures are of the present load
   */
  observe(history: readonly Observation[], context: TuningContext, changed: number): Promise<string>;
}

const MOST_FIGURES = 30;
const MOST_WINDOWS = 15;

/** What can be told from the windows alone; a caller may add what its target can show. */
export const OBSERVERS: readonly Observer[] = [
  {
    name: 'figures',
    meaning: 'all system figures, last window and default',
    async observe(history, context) {
      const before = new Map(visibleFigures(history[0], context).map(({ name, value }) => [name, value]));
      const lines = visibleFigures(history.at(-1), context).map(({ name, value, unit }) => {
        const start = before.get(name);
        return `${name}: ${formatValue(value, unit)}${start === undefined ? '' : ` (default ${formatValue(start, unit)})`}`;
      });
      return lines.length === 0 ? 'No other figure was measured.' : lines.slice(0, MOST_FIGURES).join('\n');
    },
  },
  {
    name: 'ranking',
    meaning: `the ${MOST_WINDOWS} best windows`,
    async observe(history, context, changed) {
      const sign = context.objective.direction === 'lower' ? 1 : -1;
      const sound = history.slice(changed).filter(isSound);
      const best = sound.toSorted((a, b) => sign * ((a.objective as number) - (b.objective as number)));
      return best
        .slice(0, MOST_WINDOWS)
        .map((window) => windowLine(window, context))
        .join('\n');
    },
  },
];
