/**
 * A small seeded generator of numbers in [0, 1): equal seeds give equal sequences on every machine. A counter
 * with a large odd step goes through a 32-bit mixer; good enough to spread trials, not for secrets.
 * @param seeds whole numbers; each combination has a sequence of its own
 */
export function prng(...seeds: readonly number[]): () => number {
  let state = seeds.reduce((mixed, seed) => mix(mixed ^ mix(seed + 1)), 0x51ed270b);
  return () => {
    state = (state + 0x9e3779b9) | 0;
    return mix(state) / 2 ** 32;
  };
}

function mix(value: number): number {
  let bits = value | 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
