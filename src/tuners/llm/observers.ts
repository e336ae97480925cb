import { formatValue } from '../../units.js';
import type { Observation, TuningContext } from '../types.js';
import { bestSetting, isSound } from './best.js';
import { visibleFigures } from './visible.js';
import { figureText, settingsText, windowLine } from './window-line.js';

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
    meaning: 'all system figures: last window, best, default',
    async observe(history, context, changed) {
      const best = bestSetting(history.slice(changed), context)?.values;
      const own = history.findLast((window) => window.values === best);
      const least = new Map(visibleFigures(own, context).map(({ name, value }) => [name, value]));
      const before = new Map(visibleFigures(history[0], context).map(({ name, value }) => [name, value]));
      const lines = visibleFigures(history.at(-1), context).map(({ name, value, unit }) => {
        const others = [
          ['best', least.get(name)],
          ['default', before.get(name)],
        ].flatMap(([who, figure]) =>
          figure === undefined ? [] : [`${who} ${formatValue(Number(figure), unit)}`],
        );
        return `${name}: ${formatValue(value, unit)}${others.length > 0 ? ` (${others.join(', ')})` : ''}`;
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

/** Where the target can run another draw of the load: whether the best so far is more than luck. */
const SECOND_SEED: Observer = {
  name: 'second_seed',
  meaning: 'best so far and default under another draw of the load',
  async observe(history, context, changed) {
    const best = bestSetting(history.slice(changed), context)?.values ?? context.defaults;
    const lines: string[] = [];
    for (const [who, values] of [
      ['best', best],
      ['default', context.defaults],
    ] as const) {
      const tuned = Object.fromEntries(context.knobs.map(({ name }) => [name, values[name] as number]));
      const figure = (await context.another?.(tuned)) ?? null;
      lines.push(
        `${who}, ${settingsText(tuned, context)}, under another draw: ${figureText(figure, context)}`,
      );
    }
    return lines.join('\n');
  },
};

/** What a model may ask for in a run, unless a caller says otherwise. */
export const observersOf = ({ another }: TuningContext): readonly Observer[] =>
  another ? [...OBSERVERS, SECOND_SEED] : OBSERVERS;
