/** The last quiet values that the rest is held against. */
const MOST = 60;
/** Standard deviations of a normal distribution in a median absolute deviation. */
const NORMAL = 1.4826;
/** A deviation estimated from n values is taken (1 + 6 / n) times as large: a small sample often says too little. */
const DOUBT = 6;

/**
 * Median and median absolute deviation of the last values of a series, kept in order while it moves on: sorting them
 * anew at every value was most of what detection cost.
 */
export class QuietValues {
  private readonly sorted: number[] = [];
  private end = 0;

  constructor(private readonly series: readonly number[]) {}

  /** Takes in what lies before a place of the series, at or after the last one. */
  until(end: number): this {
    for (; this.end < end; this.end++) {
      const value = this.series[this.end] as number;
      this.sorted.splice(this.placeOf(value), 0, value);
      if (this.sorted.length > MOST)
        this.sorted.splice(this.placeOf(this.series[this.end - MOST] as number), 1);
    }
    return this;
  }

  /** The median, and the standard deviation that the median absolute deviation stands for. */
  estimate(): { readonly center: number; readonly spread: number } {
    const { sorted } = this;
    const center = middle(sorted.length, (i) => sorted[i] as number);
    const near = this.deviations(center);
    return {
      center,
      spread: NORMAL * middle(sorted.length, (i) => near[i] as number) * (1 + DOUBT / sorted.length),
    };
  }

  /** The smaller half of the distances from the median, least first: outwards from it to both sides. */
  private deviations(center: number): readonly number[] {
    const { sorted } = this;
    const found: number[] = [];
    let above = this.placeOf(center);
    let below = above - 1;
    while (found.length <= sorted.length >> 1) {
      const down = below < 0 ? Number.POSITIVE_INFINITY : center - (sorted[below] as number);
      const up = above >= sorted.length ? Number.POSITIVE_INFINITY : (sorted[above] as number) - center;
      if (down < up) below--;
      else above++;
      found.push(Math.min(down, up));
    }
    return found;
  }

  /** The first place whose value is not below `value`. */
  private placeOf(value: number): number {
    let [low, high] = [0, this.sorted.length];
    while (low < high) {
      const half = (low + high) >> 1;
      if ((this.sorted[half] as number) < value) low = half + 1;
      else high = half;
    }
    return low;
  }
}

/** The median of n ordered values. */
function middle(n: number, at: (i: number) => number): number {
  const half = n >> 1;
  return n % 2 === 1 ? at(half) : (at(half - 1) + at(half)) / 2;
}
