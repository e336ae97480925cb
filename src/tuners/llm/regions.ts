import { formatKnob } from '../../knobs/format.js';
import { positionOf, valueAt } from '../../knobs/scale.js';
import type { Knob } from '../../knobs/types.js';
import type { Observation, TuningContext } from '../types.js';
import { isSound, meanOf } from './best.js';
import { figureText } from './window-line.js';

/** Parts of a range per knob, by number of knobs. */
const PARTS = [8, 3] as const;
const MOST = 9;

/** What was tried where: each part of the ranges that has windows, with their number and mean, best first. */
export function regions(windows: readonly Observation[], context: TuningContext): readonly string[] {
  const parts = PARTS[context.knobs.length - 1] ?? 2;
  const cells = new Map<string, { where: string; windows: Observation[] }>();
  for (const window of windows) {
    const indices = context.knobs.map((knob) => partOf(knob, window, context, parts));
    const key = indices.join();
    const where = context.knobs.map((knob, i) => range(knob, indices[i] as number, parts)).join(', ');
    const cell = cells.get(key) ?? { where, windows: [] };
    cell.windows.push(window);
    cells.set(key, cell);
  }
  const sign = context.objective.direction === 'lower' ? 1 : -1;
  const scored = [...cells.values()].map(({ where, windows: inside }) => ({
    ...{ where, mean: meanOf(inside), windows: inside.length },
    bad: inside.filter((window) => !isSound(window)).length,
  }));
  const worst = Number.POSITIVE_INFINITY;
  const sorted = scored.sort((a, b) => sign * (a.mean ?? worst) - sign * (b.mean ?? worst));
  if (sorted.length === 0) return [];
  const lines = sorted.slice(0, MOST).map(({ where, mean, windows: n, bad }) => {
    const failed = bad === 0 ? '' : `, ${bad} failed`;
    return `${where}: ${n}×, ${figureText(mean, context)}${failed}`;
  });
  const all = parts ** context.knobs.length;
  const head = `Regions tried, windows, mean (${all - sorted.length} of ${all} are untried):`;
  return [head, ...lines];
}

function partOf(knob: Knob, window: Observation, { defaults }: TuningContext, parts: number): number {
  const value = window.values[knob.name] ?? defaults[knob.name] ?? knob.min;
  return Math.min(parts - 1, Math.floor(positionOf(knob, value) * parts));
}

const range = (knob: Knob, part: number, parts: number): string =>
  `${formatKnob(knob, valueAt(knob, part / parts))}–${formatKnob(knob, valueAt(knob, (part + 1) / parts))}`;
