import { formatKnob } from '../../knobs/format.js';
import { positionOf, valueAt } from '../../knobs/scale.js';
import type { Knob } from '../../knobs/types.js';
import type { Observation, TuningContext } from '../types.js';
import { isSound, meanOf } from './best.js';
import { figureText } from './window-line.js';

/** Parts of a range per knob, by number of knobs. */
const PARTS = [8, 3] as const;
const NAMES: Readonly<Record<number, readonly string[]>> = { 2: ['low', 'high'], 3: ['low', 'mid', 'high'] };
/** Regions that are shown, tried and untried together. */
const MOST = 9;
const MOST_UNTRIED = 6;

/**
 * What was tried where: each part of the ranges that has windows, with their number and mean, best first; then those that
 * have none, the corners of the space first. With several knobs parts have names, which a line before explains.
 */
export function regions(windows: readonly Observation[], context: TuningContext): readonly string[] {
  if (windows.length === 0) return [];
  const { knobs } = context;
  const parts = PARTS[knobs.length - 1] ?? 2;
  const cells = new Map<string, { readonly place: readonly number[]; readonly windows: Observation[] }>();
  for (const window of windows) {
    const place = knobs.map((knob) => partOf(knob, window, context, parts));
    const cell = cells.get(place.join()) ?? { place, windows: [] };
    cell.windows.push(window);
    cells.set(place.join(), cell);
  }
  const sign = context.objective.direction === 'lower' ? 1 : -1;
  const scored = [...cells.values()].map(({ place, windows: inside }) => ({
    ...{ place, mean: meanOf(inside), windows: inside.length },
    bad: inside.filter((window) => !isSound(window)).length,
  }));
  const worst = Number.POSITIVE_INFINITY;
  const sorted = scored.sort((a, b) => sign * (a.mean ?? worst) - sign * (b.mean ?? worst));
  const empty = allPlaces(knobs.length, parts).filter((place) => !cells.has(place.join()));
  const untried = empty.sort((a, b) => edges(b, parts) - edges(a, parts)).slice(0, MOST_UNTRIED);
  const name = (place: readonly number[]) => nameOf(place, context, parts);
  const lines = sorted
    .slice(0, Math.max(2, MOST - untried.length))
    .map(({ place, mean, windows: n, bad }) => {
      const failed = bad === 0 ? '' : `, ${bad} failed`;
      return `${name(place)}: ${n}×, ${figureText(mean, context)}${failed}`;
    });
  return [
    ...key(context, parts),
    'Regions tried, windows, mean:',
    ...lines,
    ...(empty.length > 0
      ? [`Untried (${empty.length} of ${parts ** knobs.length}): ${untried.map(name).join('; ')}`]
      : []),
  ];
}

/** All places of the space, the first knob slowest. */
function allPlaces(knobs: number, parts: number): (readonly number[])[] {
  let places: (readonly number[])[] = [[]];
  for (let i = 0; i < knobs && places.length < 1000; i++)
    places = places.flatMap((place) => Array.from({ length: parts }, (_, part) => [...place, part]));
  return places;
}

/** How many of a place's coordinates are ends of their range. */
const edges = (place: readonly number[], parts: number): number =>
  place.filter((part) => part === 0 || part === parts - 1).length;

/** Where the named parts of each range end. */
function key({ knobs }: TuningContext, parts: number): readonly string[] {
  const names = NAMES[parts];
  if (!names) return [];
  const bounds = knobs.map((knob) => {
    const ends = names
      .slice(0, -1)
      .map((name, i) => `${name} to ${formatKnob(knob, valueAt(knob, (i + 1) / parts))}`);
    return `${knob.name} ${ends.join(', ')}`;
  });
  return [`Parts of the ranges: ${bounds.join('; ')}.`];
}

function nameOf(place: readonly number[], { knobs }: TuningContext, parts: number): string {
  const names = NAMES[parts];
  return place.map((part, i) => names?.[part] ?? range(knobs[i] as Knob, part, parts)).join(', ');
}

function partOf(knob: Knob, window: Observation, { defaults }: TuningContext, parts: number): number {
  const value = window.values[knob.name] ?? defaults[knob.name] ?? knob.min;
  return Math.min(parts - 1, Math.floor(positionOf(knob, value) * parts));
}

const range = (knob: Knob, part: number, parts: number): string =>
  `${formatKnob(knob, valueAt(knob, part / parts))}–${formatKnob(knob, valueAt(knob, (part + 1) / parts))}`;
