import { rankedSettings } from '../../tuners/llm/best.js';
import { configText } from '../../tuners/llm/window-line.js';
import { meanOf } from '../study/bootstrap.js';
import { isUnheard, type Words } from '../study/words.js';
import type { ArmRun } from './run.js';

/** Recovered: within this share of the best setting any arm found. */
export const NEAR = 0.1;

/** One arm from the degraded start. */
export interface SpeculationRow extends Words {
  readonly arm: string;
  /** The objective, window by window; null where a window gave none, and in all of an arm whose model was not heard. */
  readonly windows: readonly (number | null)[];
  /** Mean over all windows after the first; null without a figure. */
  readonly mean: number | null;
  /**
   * The first window whose setting is kept and lies within 10 % of the best, by the means of all windows of a
   * setting in all arms; null when there is none.
   */
  readonly recovered: number | null;
  readonly remarks: readonly string[];
}

/** The arms' figures; the objective is one that is better when it is lower. */
export function summarised(runs: readonly ArmRun[]): readonly SpeculationRow[] {
  const [first] = runs;
  if (first === undefined) return [];
  const { context } = first;
  const pooled = rankedSettings(
    runs.flatMap(({ cycles }) => cycles),
    context,
  );
  const best = pooled[0]?.mean ?? Number.NaN;
  const near = new Set(
    pooled.filter(({ mean }) => mean <= best * (1 + NEAR)).map(({ values }) => configText(values, context)),
  );
  return runs.map(({ arm, cycles, context: _, ...words }) => {
    const hidden = isUnheard(words);
    const windows = cycles.map(({ objective }) => (hidden ? null : objective));
    const figures = windows.slice(1).filter((figure) => figure !== null);
    const recovered = cycles.find(
      ({ outcome, values }) => !hidden && outcome === 'kept' && near.has(configText(values, context)),
    );
    return {
      ...{ arm, windows, ...words, recovered: recovered?.cycle ?? null },
      mean: figures.length === 0 ? null : meanOf(figures),
    };
  });
}
