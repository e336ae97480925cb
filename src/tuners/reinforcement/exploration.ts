/** How the share of random choices falls: the paper's way, or with the cycles there are. */
export type Schedule = 'paper' | 'budget';

const FIRST = 1;
const LEAST = 0.1;
/** LumOS paper, appendix A.1. After 200 cycles ε is still 0.37. */
const PAPER_RATE = 0.995;
/** The share of the cycles after which a budgeted schedule has reached its least. */
const BUDGET_SHARE = 0.4;

/**
 * ε after so many choices: the share of them that is random.
 * @param cycles measured windows in all
 */
export function epsilon(schedule: Schedule, choices: number, cycles: number): number {
  const rate = schedule === 'paper' ? PAPER_RATE : LEAST ** (1 / Math.max(1, BUDGET_SHARE * cycles));
  return Math.max(LEAST, FIRST * rate ** choices);
}

/** The place of the largest value, the first of equals after a random turn. */
export function greedy(values: ArrayLike<number>, next: () => number): number {
  const turn = Math.floor(next() * values.length);
  let best = turn;
  for (let i = 1; i < values.length; i++) {
    const at = (turn + i) % values.length;
    if ((values[at] as number) > (values[best] as number)) best = at;
  }
  return best;
}
