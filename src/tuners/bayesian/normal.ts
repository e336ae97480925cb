/** Beyond this the series loses digits and the continued fraction is the quicker anyway. */
const SERIES_TO = 3;
/** Of the continued fraction: from 3 on, more change nothing in double precision. */
const TERMS = 25;

/** Standard normal distribution function, to 1e-14; series near 0, continued fraction in the tails. */
export function normalCdf(z: number): number {
  const size = Math.abs(z);
  if (Number.isNaN(z)) return Number.NaN;
  const tail = size > 38.6 ? 0 : size < SERIES_TO ? 0.5 - series(size) : density(size) / fraction(size);
  return z < 0 ? tail : 1 - tail;
}

/** Standard normal density. */
export const density = (z: number): number => Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI);

/** A draw from the standard normal distribution (Box and Muller, 1958). */
export const normalDraw = (next: () => number): number =>
  Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());

/** Φ(z) − ½ = φ(z) · Σ z^(2k+1) / (1·3·5 … (2k+1)); Abramowitz and Stegun 26.2.11. */
function series(z: number): number {
  let term = z;
  let sum = z;
  for (let k = 3; term > 1e-17 * sum; k += 2) {
    term *= (z * z) / k;
    sum += term;
  }
  return density(z) * sum;
}

/** z + 1/(z + 2/(z + 3/(z + …))), which φ(z) / (1 − Φ(z)) is; Abramowitz and Stegun 26.2.14. */
function fraction(z: number): number {
  let value = z;
  for (let k = TERMS; k >= 1; k--) value = z + k / value;
  return value;
}
