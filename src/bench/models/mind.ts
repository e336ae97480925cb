import { prng } from '../../tuners/prng.js';
import { type Clue, type Range, readPrompt } from './read-prompt.js';

/** Share of the windows in which the scripted model explores. */
const EXPLORES = 0.15;
const CANDIDATES = 80;
/** A clue blurs over this part of a range: about what 5 % noise asks for. */
const BLUR = 0.06;

/**
 * A scripted model: knows nothing but what the prompt says. First spread-out points, then, among points around the
 * best it is told of, the one whose neighbours did best. It is no language model; it is a reader whose decisions
 * get worse when a history leaves out what matters.
 */
export function decide(prompt: string): Record<string, number> {
  const { ranges, windows, next, clues, best } = readPrompt(prompt);
  const draw = prng(7, next);
  const done = next / windows;
  if (done < EXPLORES || !best)
    return valuesAt(
      ranges,
      ranges.map((_, i) => spread(next, i)),
    );
  const reach = 0.02 + 0.3 * (1 - done) ** 2;
  const candidates = Array.from({ length: CANDIDATES }, () =>
    best.place.map((x) => Math.min(1, Math.max(0, x + reach * (2 * draw() - 1)))),
  );
  const scored = [best.place, ...candidates].map((place) => ({ place, expected: estimate(place, clues) }));
  const chosen = scored.reduce((a, b) => (b.expected < a.expected ? b : a));
  return valuesAt(ranges, chosen.place);
}

/** Mean of all clues, weighted by nearness and by the windows they stand for. */
function estimate(place: readonly number[], clues: readonly Clue[]): number {
  let total = 0;
  let sum = 0;
  for (const { place: other, figure, windows, blur = 0 } of clues) {
    const squared = place.reduce((s, x, i) => s + (x - (other[i] as number)) ** 2, 0);
    const weight = windows / (squared + (BLUR + blur) ** 2) ** 2;
    total += weight;
    sum += weight * Math.log(figure);
  }
  return sum / total;
}

/** Radical inverse in a prime base: points that fill a square evenly (Halton 1960). */
function spread(index: number, dimension: number): number {
  const base = [2, 3, 5, 7][dimension % 4] as number;
  let result = 0;
  let part = 1 / base;
  for (let rest = index; rest > 0; rest = Math.floor(rest / base), part /= base)
    result += (rest % base) * part;
  return result;
}

function valuesAt(ranges: readonly Range[], place: readonly number[]): Record<string, number> {
  const values = Object.fromEntries(
    ranges.map(({ name, min, max }, i) => [name, Math.round(min * (max / min) ** (place[i] as number))]),
  );
  const { latency_ns: latency, min_granularity_ns: floor } = values;
  if (latency !== undefined && floor !== undefined && floor > latency) values.latency_ns = floor;
  return values;
}
