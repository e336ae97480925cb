const BITS = 30;

/** Joe and Kuo (2008), new-joe-kuo-6: degree s, coefficients a and initial numbers m of dimensions 2 to 12. */
const PRIMITIVE: readonly (readonly [s: number, a: number, m: readonly number[]])[] = [
  [1, 0, [1]],
  [2, 1, [1, 3]],
  [3, 1, [1, 3, 1]],
  [3, 2, [1, 1, 1]],
  [4, 1, [1, 1, 3, 3]],
  [4, 4, [1, 3, 5, 13]],
  [5, 2, [1, 1, 5, 5, 17]],
  [5, 4, [1, 1, 5, 5, 5]],
  [5, 7, [1, 1, 7, 11, 19]],
  [5, 11, [1, 1, 5, 1, 1]],
  [5, 13, [1, 1, 1, 3, 11]],
];

/** The most coordinates a point can have. */
export const MOST_DIMENSIONS = PRIMITIVE.length + 1;

/**
 * The first points of Sobol's sequence in [0, 1), in Gray-code order. With `next` they are scrambled (a random
 * linear matrix and a digital shift per coordinate; Matoušek, 1998), which keeps them even.
 */
export function sobol(count: number, dimensions: number, next?: () => number): number[][] {
  const axes = Array.from({ length: dimensions }, (_, d) => {
    const plain = directions(d);
    return next ? { numbers: scrambled(plain, next), shift: bits(next) } : { numbers: plain, shift: 0 };
  });
  const state = axes.map(({ shift }) => shift);
  return Array.from({ length: count }, (_, n) => {
    if (n > 0) {
      const changed = trailingOnes(n - 1);
      axes.forEach(({ numbers }, d) => {
        state[d] = (state[d] as number) ^ (numbers[changed] as number);
      });
    }
    return state.map((value) => value / 2 ** BITS);
  });
}

function directions(dimension: number): number[] {
  const [s, a, m] = PRIMITIVE[dimension - 1] ?? [0, 0, []];
  const odd: number[] = dimension === 0 ? new Array(BITS).fill(1) : [...m];
  for (let j = odd.length; j < BITS; j++) {
    const old = odd[j - s] as number;
    let value = old ^ (old * 2 ** s);
    for (let k = 1; k < s; k++) if ((a >> (s - 1 - k)) & 1) value ^= (odd[j - k] as number) * 2 ** k;
    odd.push(value);
  }
  return odd.map((value, j) => value * 2 ** (BITS - 1 - j));
}

/** Each number times a random lower triangular matrix of bits with ones on its diagonal. */
function scrambled(numbers: readonly number[], next: () => number): number[] {
  const rows = Array.from({ length: BITS }, (_, i) => {
    const top = 1 << (BITS - 1 - i);
    return top | (bits(next) & ~(top * 2 - 1) & (2 ** BITS - 1));
  });
  return numbers.map((number) =>
    rows.reduce((made, row, i) => made | (parity(number & row) << (BITS - 1 - i)), 0),
  );
}

const bits = (next: () => number): number => Math.floor(next() * 2 ** BITS);

function parity(value: number): number {
  let folded = value;
  for (const step of [16, 8, 4, 2, 1]) folded ^= folded >>> step;
  return folded & 1;
}

function trailingOnes(value: number): number {
  let count = 0;
  while ((value >> count) & 1) count++;
  return count;
}
