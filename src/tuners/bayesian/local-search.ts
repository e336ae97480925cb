import type { Knob } from '../../knobs/types.js';
import { normalDraw } from './normal.js';
import { type Config, decode, encode, type Space } from './space.js';

/** What a place promises; higher is better. */
export type Acquisition = (config: Config) => number;

/** A setting with what it promises. */
export interface Promising {
  readonly config: Config;
  readonly gain: number;
}

const NEIGHBOURS = 8;
const PLATEAU_STEPS = 10;
const STEP = { first: 0.05, least: 0.005, most: 0.4 } as const;
/** Gains in a row before steps grow, and plateau steps before they shrink. */
const PACE = 3;
const MOST_AT_ONCE = 64;
const DRAWS = 32;

/**
 * Climbs from a setting to neighbours that promise more, one knob changed at a time; equal ones are walked along for
 * a while. Steps grow with success and shrink on plateaus (SMAC3's local search).
 */
export function climb(space: Space, acquisition: Acquisition, start: Config, next: () => number): Promising {
  let at: Promising = { config: start, gain: acquisition(start) };
  let [step, batch, plateau, gains] = [STEP.first as number, 2, 0, 0];
  let around = neighbours(space, at.config, step, next);
  let equal: Config[] = [];
  for (;;) {
    const looked = around.splice(0, batch);
    const isOver = looked.length < batch;
    if (isOver) batch = looked.length;
    const better = firstBetter(looked, at.gain, acquisition, equal);
    if (better) {
      at = better;
      equal = [];
    }
    batch = batch === 0 || better ? 2 : Math.min(MOST_AT_ONCE, batch * 2);
    if (!isOver && !better) continue;
    gains = better ? gains + 1 : 0;
    if (gains >= PACE && plateau === 0) {
      step = Math.min(STEP.most, step * 2);
      gains = 0;
    }
    if (!better) {
      const [along] = equal;
      if (along) at = { config: along, gain: at.gain };
      equal = [];
      plateau++;
      if (plateau % PACE === 0) step = Math.max(STEP.least, step / 2);
      if (plateau >= PLATEAU_STEPS) return at;
    }
    around = neighbours(space, at.config, step, next);
  }
}

/** The first that promises more; those that promise as much are added to `equal`. */
function firstBetter(
  looked: readonly Config[],
  gain: number,
  acquisition: Acquisition,
  equal: Config[],
): Promising | null {
  for (const config of looked) {
    const promise = acquisition(config);
    if (promise > gain) return { config, gain: promise };
    if (promise === gain) equal.push(config);
  }
  return null;
}

/** Settings that differ in one knob by a normal step, eight for each knob, the knobs in random order. */
export function neighbours(space: Space, from: Config, step: number, next: () => number): Config[] {
  const { knobs } = space;
  const rows = knobs.map((knob, i) =>
    coordinates(knob, from.vector[i] as number, step, next).flatMap(
      (coordinate) => space.at(from.vector.map((own, j) => (i === j ? coordinate : own))) ?? [],
    ),
  );
  const mixed: Config[] = [];
  for (
    let left = rows.filter((row) => row.length > 0);
    left.length > 0;
    left = left.filter((row) => row.length > 0)
  )
    mixed.push((left[Math.floor(next() * left.length)] as Config[]).pop() as Config);
  return mixed;
}

function coordinates(knob: Knob, center: number, step: number, next: () => number): number[] {
  const own = decode(knob, center);
  const others = knob.max - knob.min;
  if (others <= NEIGHBOURS)
    return Array.from({ length: others + 1 }, (_, i) => knob.min + i)
      .filter((value) => value !== own)
      .map((value) => encode(knob, value));
  const found = new Set<number>();
  // The spread widens when a narrow one finds too few values, as at the low end of a small count.
  for (let tries = 0; found.size < NEIGHBOURS; tries++) {
    const spread = Math.min(1, step * 2 ** Math.floor(tries / DRAWS));
    const drawn = center + spread * normalDraw(next);
    if (drawn < 0 || drawn > 1) continue;
    const value = decode(knob, drawn);
    if (value !== own) found.add(value);
  }
  return [...found].map((value) => encode(knob, value));
}
