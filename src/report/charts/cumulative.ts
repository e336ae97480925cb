/** Rows of a latency distribution: [upper bound in ns, count]. */
export type Rows = readonly (readonly [number, number])[];

/** A point of a cumulative distribution: the share (0..1) of events that took at most `ns`. */
export interface CumulativePoint {
  readonly ns: number;
  readonly share: number;
}

/** The cumulative distribution of histogram rows, ascending; empty when nothing was counted. */
export function cumulative(rows: Rows): CumulativePoint[] {
  const total = rows.reduce((sum, [, count]) => sum + count, 0);
  if (total <= 0) return [];
  let sum = 0;
  return [...rows]
    .sort(([a], [b]) => a - b)
    .map(([ns, count]) => {
      sum += count;
      return { ns, share: sum / total };
    });
}

/** The smallest bound (ns) that at least this share of the events does not exceed. */
export function quantile(points: readonly CumulativePoint[], share: number): number | undefined {
  return points.find((point) => point.share >= share - 1e-12)?.ns;
}
