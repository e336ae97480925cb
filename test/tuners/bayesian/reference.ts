import { readFileSync } from 'node:fs';

/** What test/tuners/reference/generate.py had from SMAC3. */
export interface Reference {
  readonly versions: Readonly<Record<string, string>>;
  readonly encoder: readonly { knob: 'a' | 'b'; value: number; vector: number; from?: number }[];
  readonly costs: readonly { costs: number[]; encoded: number[] }[];
  readonly improvement: readonly {
    log: boolean;
    eta: number;
    mean: number[];
    variance: number[];
    ei: number[];
  }[];
  readonly sobol: readonly number[][];
  readonly forest: readonly {
    X: number[][];
    y: number[];
    samples: number[][];
    asked: number[][];
    mean: number[];
    variance: number[];
  }[];
  /** By function and number of trials: the true cost of the incumbent, one a seed. */
  readonly bestAt: Readonly<Record<string, Readonly<Record<string, readonly number[]>>>>;
}

export const reference: Reference = JSON.parse(
  readFileSync(new URL('../reference/smac3.jsonl', import.meta.url), 'utf8'),
);

/** Largest absolute difference of two lists of one length. */
export const furthest = (a: readonly number[], b: readonly number[]): number => {
  if (a.length !== b.length || a.length === 0) return Number.POSITIVE_INFINITY;
  return Math.max(...a.map((value, i) => Math.abs(value - (b[i] as number))));
};
