import type { Knob } from './types.js';

type Range = Pick<Knob, 'min' | 'max' | 'scale'>;

/** Where a value lies in a knob's range on its scale: 0 is `min`, 1 is `max`; a value outside is held to these. */
export function positionOf({ min, max, scale }: Range, value: number): number {
  const held = Math.min(max, Math.max(min, value));
  return scale === 'log' ? Math.log(held / min) / Math.log(max / min) : (held - min) / (max - min);
}

/** The whole number at a position of a knob's range, rounded to three digits so that people can read and type it. */
export function valueAt({ min, max, scale }: Range, position: number): number {
  const held = Math.min(1, Math.max(0, position));
  const exact = scale === 'log' ? min * (max / min) ** held : min + (max - min) * held;
  const step = 10 ** Math.max(0, Math.floor(Math.log10(exact)) - 2);
  return Math.min(max, Math.max(min, Math.round(exact / step) * step));
}

/** How many times (log scale) or units (linear scale) one whole range spans: what a distance of 1 means. */
export const spanOf = ({ min, max, scale }: Range): number => (scale === 'log' ? max / min : max - min);
