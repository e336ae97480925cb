import { positionOf } from '../../src/knobs/scale.js';
import type { KnobValues } from '../../src/knobs/types.js';
import { prng } from '../../src/tuners/prng.js';
import type { TuningContext } from '../../src/tuners/types.js';

/** A response over places in [0, 1] per knob, 1 at its best; lower is better. */
export type Shape = (...place: number[]) => number;

const dip = (distance: number, width: number): number => Math.exp(-(distance ** 2) / (2 * width ** 2));
const ms = (low: number, high: number, place: number): number => low * (high / low) ** place;
const turn = (u: number, v: number, tasks: number): number => Math.max(ms(2, 100, u) / tasks, ms(0.2, 10, v));

/** Responses to one knob. */
export const ONE: Readonly<Record<string, Shape>> = {
  'valley inside': (x) => 1 + 3 * (x - 0.65) ** 2,
  'sharp valley near the low end': (x) => 1 + 1.6 * Math.abs(x - 0.12),
  'rises all the way': (x) => 1 + 1.2 * x,
  'falls all the way': (x) => 1 + 1.2 * (1 - x),
  'plateau, then a slope': (x) => 1 + 2 * Math.max(0, x - 0.45),
  'cliff at the low end, then a plateau': (x) => (x < 0.3 ? 1.6 : 1),
  'two valleys, the far one deeper': (x) => 1.5 - 0.3 * dip(x - 0.25, 0.12) - 0.5 * dip(x - 0.8, 0.12),
  'two valleys, the near one deeper': (x) => 1.5 - 0.5 * dip(x - 0.25, 0.12) - 0.3 * dip(x - 0.8, 0.12),
};

/** Responses to latency_ns and min_granularity_ns. */
export const TWO: Readonly<Record<string, Shape>> = {
  'valley of the turn, 4 tasks': (u, v) => 1 + 0.15 * Math.log(turn(u, v, 4) / 1.2) ** 2,
  'turn only grows worse, 8 tasks': (u, v) => 1 + 0.2 * Math.log(turn(u, v, 8) / 0.25),
  'min_granularity dominates': (u, v) => 1 + 2.5 * (v - 0.3) ** 2 + 0.1 * u,
  'latency dominates': (u, v) => 1 + 2.5 * (u - 0.6) ** 2 + 0.1 * v,
  'both low is best': (u, v) => 1 + 0.5 * u + 0.7 * v,
  'both high is best': (u, v) => 1 + 0.5 * (1 - u) + 0.7 * (1 - v),
  'long period with a low floor is best': (u, v) => 1 + 0.6 * (1 - u) + 0.6 * v,
  plateau: (u, v) => 1 + 2 * Math.max(0, v - 0.5) + 0.5 * Math.max(0, u - 0.6),
};

/** Two valleys in two knobs: more than eleven windows can always tell apart. */
export const TWO_VALLEYS: Shape = (u, v) =>
  1.5 - 0.3 * dip(Math.hypot(u - 0.2, v - 0.25), 0.25) - 0.5 * dip(Math.hypot(u - 0.85, v - 0.7), 0.25);

/** Noise-free roughness of ± 5 %: `grain` differs from one value to the next, `waves` over a tenth of a range. */
export const BUMPS: Readonly<Record<string, (seed: number) => Shape>> = {
  grain:
    (seed) =>
    (...place) =>
      1 + 0.05 * (2 * prng(seed, ...place.map((x) => Math.round(x * 1e6)))() - 1),
  waves: (seed) => {
    const draw = prng(seed);
    const waves = Array.from({ length: 4 }, () => [15 + 40 * draw(), 15 + 40 * draw(), 7 * draw()] as const);
    return (u = 0, v = 0) =>
      1 +
      0.05 *
        Math.max(-1, Math.min(1, waves.reduce((sum, [a, b, c]) => sum + Math.sin(a * u + b * v + c), 0) / 2));
  },
};

/** A surface's figure for knob values, ns. */
export function figureOf(
  shape: Shape,
  bumps: Shape,
  { knobs }: TuningContext,
): (values: KnobValues) => number {
  return (values) => {
    const place = knobs.map((knob) => positionOf(knob, values[knob.name] as number));
    return 60e6 * shape(...place) * bumps(...place);
  };
}
