/** Values before anything can be called a change. */
const LEAST_REFERENCE = 10;
/** The last quiet values that the rest is held against. */
const MOST_REFERENCE = 60;
/** When a sum of deviations is a change; all in standard deviations. */
export interface Limits {
  /** What a value may be off without adding to the evidence. */
  readonly slack: number;
  /** Evidence from which it is a change. */
  readonly threshold: number;
  /** What a value is held to: a single outlier, however far off, is no change. */
  readonly mostOff: number;
}

/**
 * Of those that `tunesmith bench changes` compares, the quickest with fewer false alarms than one in twenty runs of 200
 * windows; two windows far off are a change.
 */
export const LIMITS: Limits = { slack: 1, threshold: 8, mostOff: 5 };
/** Standard deviations of a normal distribution in a median absolute deviation. */
const NORMAL = 1.4826;
/** A deviation estimated from n values is taken (1 + 6 / n) times as large: a small sample often says too little. */
const DOUBT = 6;

/** A level shift: the first value after it, and the value by which it was known. */
export interface Shift {
  readonly from: number;
  readonly seen: number;
}

/**
 * The first level shift in a series, or null: Page's two-sided cumulative sum (Continuous inspection schemes,
 * Biometrika 1954) of values standardised by median and median absolute deviation of those before, each held to ±5.
 * The shift is dated to where the sum last was zero.
 * @param floor the least standard deviation to assume, in the series' unit: no difference below it counts
 */
export function firstShift(series: readonly number[], floor: number, limits = LIMITS): Shift | null {
  const { slack, threshold, mostOff } = limits;
  const sums = { up: 0, down: 0 };
  const since = { up: 0, down: 0 };
  let quiet = 0;
  for (const [i, value] of series.entries()) {
    if (sums.up === 0 && sums.down === 0) quiet = i;
    if (quiet < LEAST_REFERENCE) {
      quiet = i + 1;
      continue;
    }
    const { center, spread } = robust(series.slice(Math.max(0, quiet - MOST_REFERENCE), quiet));
    const off = Math.max(-mostOff, Math.min(mostOff, (value - center) / Math.max(floor, spread)));
    for (const [side, evidence] of [
      ['up', off],
      ['down', -off],
    ] as const) {
      if (sums[side] === 0) since[side] = i;
      sums[side] = Math.max(0, sums[side] + evidence - slack);
      if (sums[side] >= threshold) return { from: since[side], seen: i };
    }
  }
  return null;
}

/** Median, and the standard deviation that the median absolute deviation stands for. */
function robust(values: readonly number[]): { readonly center: number; readonly spread: number } {
  // Typed arrays sort several times as fast, and this is most of what detection costs.
  const sorted = Float64Array.from(values).sort();
  const center = middle(sorted);
  const deviation = NORMAL * middle(sorted.map((value) => Math.abs(value - center)).sort());
  return { center, spread: deviation * (1 + DOUBT / values.length) };
}

function middle(sorted: Float64Array): number {
  const half = sorted.length >> 1;
  const upper = sorted[half] as number;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] as number) + upper) / 2;
}
