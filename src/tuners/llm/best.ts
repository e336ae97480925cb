import type { KnobValues } from '../../knobs/types.js';
import type { Observation, TuningContext } from '../types.js';
import { configText } from './window-line.js';

/** A setting with the mean of its windows. */
export interface Setting {
  readonly values: KnobValues;
  readonly mean: number;
  readonly windows: number;
}

/** Whether a window's figure counts: there is one, and nothing was breached. */
export const isSound = ({ objective, outcome }: Observation): boolean =>
  objective !== null && outcome !== 'breach' && outcome !== 'rejected';

/** The mean objective of the sound windows; null for none. */
export function meanOf(windows: readonly Observation[]): number | null {
  const figures = windows.filter(isSound).map(({ objective }) => objective as number);
  return figures.length === 0 ? null : figures.reduce((sum, figure) => sum + figure, 0) / figures.length;
}

/**
 * The settings by the mean of their windows, best first, so that one lucky window of a setting that was tried often
 * does not count; those without a sound window are left out.
 */
export function rankedSettings(windows: readonly Observation[], context: TuningContext): readonly Setting[] {
  const groups = new Map<string, Observation[]>();
  for (const window of windows.filter(isSound)) {
    const key = configText(window.values, context);
    groups.set(key, [...(groups.get(key) ?? []), window]);
  }
  const settings = [...groups.values()].map((group) => ({
    values: (group[0] as Observation).values,
    mean: meanOf(group) as number,
    windows: group.length,
  }));
  const sign = context.objective.direction === 'lower' ? 1 : -1;
  return settings.sort((a, b) => sign * (a.mean - b.mean));
}

/** The best of them; null without a sound window. */
export const bestSetting = (windows: readonly Observation[], context: TuningContext): Setting | null =>
  rankedSettings(windows, context)[0] ?? null;
