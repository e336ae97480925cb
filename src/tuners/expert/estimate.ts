import { distance, type Evidence, type Place } from './evidence.js';

/** Figures come from histograms with at most 1 % relative error: nothing finer is a difference. */
const FINEST = 0.01;
/** Two settings this near each other should behave alike: what differs is noise. */
const NEIGHBOURS = 0.06;

/**
 * What a place should score: the mean of all evidence, each weighted by the inverse fourth power of its
 * distance, so that the nearest settings decide. Never better than the best figure seen. The larger the noise,
 * the wider the neighbourhood that is averaged.
 */
export function estimate(place: Place, evidence: readonly Evidence[], noise: number): number {
  let total = 0;
  let sum = 0;
  for (const item of evidence) {
    const squared = distance(place, item.place) ** 2 + Math.max(noise, FINEST) ** 2;
    const weight = 1 / squared ** 2;
    total += weight;
    sum += weight * item.score;
  }
  return sum / total;
}

/** The nearest setting tried. */
export const nearestTo = (place: Place, evidence: readonly Evidence[]): Evidence =>
  evidence.reduce((near, item) => (distance(place, item.place) < distance(place, near.place) ? item : near));

/** Above this share the whole range would look alike. */
const MOST_NOISE = 0.25;
const MOST_ROUGHNESS = 0.1;

/**
 * Noise or roughness as a share: the median difference between repeated and neighbouring settings, at least what the
 * histograms can tell apart, at most 10 %; or what several windows of one setting differ by, when that is more.
 */
export function noiseOf(evidence: readonly Evidence[]): number {
  const sound = evidence.filter(({ harmful, observation }) => !harmful && observation.objective !== null);
  const differences = sound
    .flatMap((a, i) => sound.slice(i + 1).map((b) => [a, b] as const))
    .filter(([a, b]) => distance(a.place, b.place) < NEIGHBOURS)
    .map(([a, b]) => Math.abs(a.score - b.score))
    .sort((a, b) => a - b);
  const median = differences[Math.floor(differences.length / 2)] ?? 0;
  const roughness = Math.min(MOST_ROUGHNESS, Math.max(FINEST, median));
  return Math.max(roughness, Math.min(MOST_NOISE, repeatedNoise(evidence)));
}

/** What windows of one setting differ by, a share; 0 where none was measured more than once. */
export const repeatedNoise = (evidence: readonly Evidence[]): number =>
  Math.max(0, ...evidence.map(({ observation }) => observation.noise ?? 0));
