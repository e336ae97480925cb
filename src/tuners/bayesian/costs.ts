/** The share of trials that SMAC's encoder takes as the low end of the costs. */
const LOW_END = 0.05;
const SMALL = 1e-10;

/** The q-quantile, linear between order statistics. @param values at least one */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const place = q * (sorted.length - 1);
  const below = sorted[Math.floor(place)] as number;
  const above = sorted[Math.ceil(place)] as number;
  return below + (above - below) * (place - Math.floor(place));
}

/**
 * Costs as the surrogate sees them: scaled so that the range begins as far below the minimum as the 5th percentile
 * lies above it, then logarithms. Differences near the best count most (SMAC3's log-scaled encoder).
 */
export function encodeCosts(costs: readonly number[]): number[] {
  const least = Math.min(...costs);
  const most = Math.max(...costs);
  const start = least - (quantile(costs, LOW_END) - least) - SMALL;
  const low = start === most ? start * (1 - SMALL) : start;
  // All costs equal, beyond what the small number can tell apart: there is nothing to learn from them.
  if (!(most > low)) return costs.map(() => 0);
  return costs.map((cost) => Math.log((cost - low) / (most - low)));
}
