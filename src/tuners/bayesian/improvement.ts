import { density, normalCdf } from './normal.js';

/** What a surrogate expects at a place. */
export interface Prediction {
  readonly mean: number;
  readonly variance: number;
}

/**
 * Expected improvement on costs whose logarithms were modelled: E[max(0, e^eta − e^Y)] for a normal Y, ξ = 0
 * (Hutter et al., 2009). Never below 0.
 * @param eta the best cost so far, a logarithm
 */
export function logExpectedImprovement({ mean, variance }: Prediction, eta: number): number {
  const deviation = Math.sqrt(variance);
  if (deviation === 0) return 0;
  const z = (eta - mean) / deviation;
  const gain = Math.exp(eta) * normalCdf(z) - Math.exp(0.5 * variance + mean) * normalCdf(z - deviation);
  return Math.max(0, gain);
}

/** Expected improvement E[max(0, eta − Y)] for a normal Y, ξ = 0 (Jones et al., 1998). */
export function expectedImprovement({ mean, variance }: Prediction, eta: number): number {
  const deviation = Math.sqrt(variance);
  if (deviation === 0) return 0;
  const z = (eta - mean) / deviation;
  return Math.max(0, (eta - mean) * normalCdf(z) + deviation * density(z));
}
