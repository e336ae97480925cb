/** Maps values of an axis to pixels, and knows where its ticks are. */
export interface Scale {
  readonly at: (value: number) => number;
  readonly ticks: readonly number[];
}

/** The two ends of a range: values, or the pixels they go to (which may run backwards). */
export type Range = readonly [from: number, to: number];

/** Equal differences over equal distances; about `count` ticks at 1, 2 or 5 times a power of ten. */
export function linearScale([from, to]: Range, [start, end]: Range, count: number): Scale {
  const span = to - from || 1;
  const step = niceStep(span / Math.max(1, count));
  const first = Math.ceil(from / step - 1e-9);
  const last = Math.floor(to / step + 1e-9);
  const ticks = Array.from({ length: Math.max(0, last - first) + 1 }, (_, i) => round((first + i) * step));
  return { at: (value) => start + ((value - from) / span) * (end - start), ticks };
}

/**
 * Equal ratios over equal distances; values below the lower end are drawn at it. Falls back to `linearScale` when
 * the range reaches zero, where no logarithm is.
 */
export function logScale([from, to]: Range, [start, end]: Range, count: number): Scale {
  if (from <= 0 || to <= from) return linearScale([from, to], [start, end], count);
  const span = Math.log(to / from);
  return {
    at: (value) => start + (Math.log(Math.max(value, from) / from) / span) * (end - start),
    ticks: logTicks(from, to, count),
  };
}

/** 1-2-5 ticks while they fit, then 1-3, then powers of ten thinned out; linear ones within a narrow range. */
function logTicks(from: number, to: number, count: number): readonly number[] {
  for (const digits of [[1, 2, 5], [1, 3], [1]]) {
    const ticks = decades(from, to).flatMap((decade) => digits.map((digit) => round(digit * decade)));
    const inside = ticks.filter((tick) => tick >= from * (1 - 1e-9) && tick <= to * (1 + 1e-9));
    if (inside.length < 2) break;
    if (inside.length <= count + 1) return inside;
    if (digits.length === 1) return inside.filter((_, i) => i % Math.ceil(inside.length / count) === 0);
  }
  return linearScale([from, to], [0, 1], count).ticks;
}

function decades(from: number, to: number): number[] {
  const first = Math.floor(Math.log10(from));
  const length = Math.ceil(Math.log10(to)) - first + 1;
  return Array.from({ length }, (_, i) => 10 ** (first + i));
}

function niceStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  const digit = [1, 2, 5].find((candidate) => candidate * power >= rough * 0.999) ?? 10;
  return digit * power;
}

/** Takes the tail of binary fractions off: 0.30000000000000004 → 0.3. */
const round = (value: number): number => Number(value.toPrecision(12));
