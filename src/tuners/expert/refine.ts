import type { KnobValues } from '../../knobs/types.js';
import { lattice } from '../lattice.js';
import type { Observation, Proposal, TuningContext } from '../types.js';
import { tasksIn } from './direction.js';
import { estimate, nearestTo, noiseOf, repeatedNoise } from './estimate.js';
import { bestOf, distance, type Evidence, placeOf } from './evidence.js';
import { refinement, relation, sideEffects } from './explain.js';

/** Lattice points per knob to choose a refinement from, by number of knobs; more knobs, coarser. */
const FINENESS = [61, 21, 11, 7, 5] as const;
const COARSEST = 3;
/** How much better than its neighbours an untried place may be, per unit of distance, in spreads of the figures. */
const OPTIMISM = 1.5;
/** The spread (logarithm) is held to these: a flat start may hide a dip, and one terrible point is no scale. */
const LEAST_SPREAD = 0.1;
const MOST_SPREAD = 0.7;
/** Refinements per knob that may pass without a gain above the noise. */
const PATIENCE = 12;
/** The longest round, refinements per knob: two fit into the patience, so one more is always tried before giving up. */
const ROUND = PATIENCE / 2;

/**
 * The untried place whose neighbours promise most, with an allowance for its distance from anything tried. The
 * allowance shrinks to nothing in rounds, the last of which ends with the last cycle: explore early, settle late (LumOS
 * paper, appendix A.2), and soon also in a run of many cycles, whose windows have to be lived with.
 * Null when nothing is left, or when many refinements in a row have gained no more than the noise.
 */
export function refine(
  history: readonly Observation[],
  evidence: readonly Evidence[],
  context: TuningContext,
  fits: (values: KnobValues) => boolean,
): Proposal | null {
  if (evidence.length === 0) return null;
  const best = bestOf(evidence);
  const noise = noiseOf(evidence);
  const scores = evidence.map(({ score }) => score);
  const spread = Math.max(...scores) - Math.min(...scores);
  const allowance = OPTIMISM * Math.min(MOST_SPREAD, Math.max(LEAST_SPREAD, spread));
  const points = context.points ?? FINENESS[context.knobs.length - 1] ?? COARSEST;
  const candidates = lattice(context.knobs, points, context.defaults)
    .filter(fits)
    .map((values) => {
      const place = placeOf(values, context);
      const nearest = nearestTo(place, evidence);
      const expected = estimate(place, evidence, noise);
      return { values, place, nearest, expected, far: distance(place, nearest.place) };
    });
  if (isSettled(evidence, noise, PATIENCE * context.knobs.length)) return null;

  const curiosity = allowance * eagerness(history.length, context);
  const promise = (item: { expected: number; far: number }) => item.expected - curiosity * item.far;
  const [chosen] = candidates.sort((a, b) => promise(a) - promise(b));
  if (!chosen) return null;
  const reason = best
    ? refinement(best, chosen, { roughness: noise, repeated: repeatedNoise(evidence) }, context)
    : 'No window has given a figure yet, so this is as far as can be from what was tried';
  const isNews = best !== undefined && best.observation === history.at(-1);
  const note = isNews
    ? sideEffects(history[0], best.observation)
    : relation({ ...context.defaults, ...chosen.values }, tasksIn(history[0], context.cpus));
  return { values: chosen.values, reason: `${reason}${note}.` };
}

/** How much of the allowance is granted: from all of it down to nothing, round after round of equal lengths. */
function eagerness(measured: number, context: TuningContext): number {
  const before = 1 + coarseMoves(context);
  const all = Math.max(1, context.cycles - before);
  const round = Math.ceil(all / Math.ceil(all / (ROUND * context.knobs.length)));
  const done = Math.max(0, measured - before) % round;
  return round === 1 ? 0 : 1 - done / (round - 1);
}

/** How many cycles the survey takes. */
const coarseMoves = ({ knobs }: TuningContext): number => Math.max(4, 2 * knobs.length);

/** Whether the last `patience` windows have improved the best by no more than the noise. */
function isSettled(evidence: readonly Evidence[], noise: number, patience: number): boolean {
  const before = bestOf(evidence.slice(0, -patience));
  const now = bestOf(evidence);
  return before !== undefined && now !== undefined && now.score > before.score - noise;
}
