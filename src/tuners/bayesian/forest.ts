import type { Prediction } from './improvement.js';
import { answer, growTree, type Tree } from './tree.js';

/** SMAC3's settings for hyperparameter optimisation. */
const TREES = 10;
/** SMAC never calls a prediction surer than this. */
const LEAST_VARIANCE = 1e-10;

/** A random forest over the unit cube whose targets are logarithms of costs. */
export class Forest {
  private readonly answers = new Float64Array(TREES);

  private constructor(private readonly trees: readonly Tree[]) {}

  /** Ten trees, each on as many rows as there are, drawn with repetition. */
  static fit(rows: readonly (readonly number[])[], targets: readonly number[], next: () => number): Forest {
    const draw = () => Math.floor(next() * rows.length);
    const samples = Array.from({ length: TREES }, () => rows.map(draw));
    return Forest.grown(rows, targets, samples, next);
  }

  /** The same with the rows of each tree given. */
  static grown(
    rows: readonly (readonly number[])[],
    targets: readonly number[],
    samples: readonly (readonly number[])[],
    next: () => number,
  ): Forest {
    const single = rows.map((row) => row.map(Math.fround));
    const trees = samples.map((drawn) => {
      const counts = rows.map(() => 0);
      for (const i of drawn) counts[i] = (counts[i] as number) + 1;
      return growTree({ rows: single, targets, counts, next });
    });
    return new Forest(trees);
  }

  /** Mean and variance of the trees' answers. */
  predict(place: readonly number[]): Prediction {
    const single = place.map(Math.fround);
    const { length } = this.trees;
    // Asked tens of thousands of times a proposal: loops without allocations.
    const answers = this.answers;
    let mean = 0;
    for (let i = 0; i < length; i++) {
      const value = answer(this.trees[i] as Tree, single);
      answers[i] = value;
      mean += value / length;
    }
    let variance = 0;
    for (let i = 0; i < length; i++) variance += ((answers[i] as number) - mean) ** 2 / length;
    return { mean, variance: Math.max(LEAST_VARIANCE, variance) };
  }
}
