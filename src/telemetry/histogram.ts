/** One step of a histogram that is not empty: from (inclusive) to (exclusive), ns, and how many fell into it. */
export interface Step {
  readonly fromNs: number;
  readonly toNs: number;
  readonly count: number;
}

/** Steps an octave and the width of the finest, 2^UNIT_BITS ns, as bpf/sampler.h has them. */
const STEPS = 16;
const UNIT_BITS = 4;

/** Lower end of a cell in ns; its upper end is the lower end of the next. */
export function cellStart(cell: number): number {
  if (cell < STEPS) return cell * 2 ** UNIT_BITS;
  const octave = Math.floor(cell / STEPS) - 1;
  return (STEPS + (cell % STEPS)) * 2 ** (octave + UNIT_BITS);
}

/**
 * A log-linear histogram of times: 16 steps an octave, so the middle of a step is at most 3.2 % off any value in it
 * (below 256 ns a step is 16 ns wide).
 */
export class Histogram {
  /** How many values it holds. */
  readonly count: number;

  /** `counts[c]` is how many fell into cell c. */
  constructor(
    readonly counts: Float64Array,
    /** Sum of the values themselves, ns. */
    readonly sumNs: bigint,
    /** The largest since the sampler was opened, in a delta too, ns. */
    readonly maxNs: bigint,
  ) {
    this.count = counts.reduce((sum, count) => sum + count, 0);
  }

  /** ns; undefined when it is empty. */
  get meanNs(): number | undefined {
    return this.count === 0 ? undefined : Number(this.sumNs) / this.count;
  }

  /**
   * The value in ns that a share (0 to 1) of all values does not exceed: nearest rank, the middle of its step, never
   * more than the largest value. undefined when the histogram is empty.
   */
  quantile(share: number): number | undefined {
    if (this.count === 0) return undefined;
    const rank = Math.min(this.count, Math.max(1, Math.ceil(share * this.count)));
    let seen = 0;
    let cell = 0;
    while (cell < this.counts.length - 1) {
      seen += this.counts[cell] as number;
      if (seen >= rank) break;
      cell++;
    }
    return Math.min((cellStart(cell) + cellStart(cell + 1)) / 2, Number(this.maxNs));
  }

  /** Its steps that hold something, ascending. */
  *steps(): Generator<Step, void, void> {
    for (const [cell, count] of this.counts.entries())
      if (count > 0) yield { fromNs: cellStart(cell), toNs: cellStart(cell + 1), count };
  }
}
