import type { Knob } from '../../../src/knobs/types.js';
import { normalDraw } from '../../../src/tuners/bayesian/normal.js';
import { Optimiser } from '../../../src/tuners/bayesian/optimiser.js';
import { type Config, Space } from '../../../src/tuners/bayesian/space.js';
import { prng } from '../../../src/tuners/prng.js';

const knob = (name: string, min: number, max: number): Knob => ({
  ...{ name, unit: 'ns', min, max, scale: 'log', classes: ['cfs'] },
  ...{ risk: 'low', meaning: '', source: '' },
});
const A = knob('a', 2e6, 1e8);
const B = knob('b', 2e5, 1e7);
const DEFAULTS = { a: 24e6, b: 3e6 };

const dip = (distance: number): number => Math.exp(-(distance ** 2) / (2 * 0.08 ** 2));

/** The black boxes of test/tuners/reference/generate.py: cost at a place, knobs, relative noise of one trial. */
export const FUNCTIONS = {
  branin: {
    noise: 0,
    knobs: [A, B],
    cost: (u: number, v: number) => {
      const [x, y] = [15 * u - 5, 15 * v];
      const bend = y - (5.1 / (4 * Math.PI ** 2)) * x ** 2 + (5 / Math.PI) * x - 6;
      return 1 + bend ** 2 + 10 * (1 - 1 / (8 * Math.PI)) * Math.cos(x) + 10;
    },
  },
  valley: {
    noise: 0.05,
    knobs: [A, B],
    cost: (u: number, v: number) =>
      1 + 0.15 * Math.log(Math.max((2 * 50 ** u) / 4, 0.2 * 50 ** v) / 1.2) ** 2 + 0.1 * u,
  },
  wells: {
    noise: 0.02,
    knobs: [A],
    cost: (u: number) => 1.5 - 0.3 * dip(u - 0.25) - 0.5 * dip(u - 0.85),
  },
} as const;

/** True cost of the incumbent after so many trials each, of which the default is the first. */
export function bestAt(name: keyof typeof FUNCTIONS, seed: number, marks: readonly number[]): number[] {
  const { cost, knobs, noise } = FUNCTIONS[name];
  const trials = Math.max(...marks);
  const space = new Space({ knobs, defaults: DEFAULTS });
  const optimiser = new Optimiser(space, { trials, seed });
  const next = prng(seed, 99);
  const figure = ({ vector: [u = 0, v = 0] }: Config): number => cost(u, v);
  const found: number[] = [];
  let config = space.of(DEFAULTS);
  for (let trial = 1; trial <= trials; trial++) {
    optimiser.tell(config, figure(config) * (1 + noise * normalDraw(next)));
    if (marks.includes(trial)) found.push(figure(optimiser.incumbent as Config));
    if (trial < trials) config = (optimiser.ask() as { config: Config }).config;
  }
  return found;
}

/** The same with random draws, the best by what was measured: what a test of equality has to tell apart. */
export function randomAt(name: keyof typeof FUNCTIONS, seed: number, trials: number): number {
  const { cost, knobs, noise } = FUNCTIONS[name];
  const space = new Space({ knobs, defaults: DEFAULTS });
  const next = prng(seed, 98);
  const rows = Array.from({ length: trials }, () => {
    const { vector } = space.draw(next);
    const figure = cost(vector[0] as number, vector[1] ?? 0);
    return { figure, seen: figure * (1 + noise * normalDraw(next)) };
  });
  return rows.reduce((best, row) => (row.seen < best.seen ? row : best)).figure;
}
