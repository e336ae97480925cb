import { describe, expect, it } from 'vitest';
import { prng } from '../../../src/tuners/prng.js';
import { Adam } from '../../../src/tuners/reinforcement/adam.js';
import { type Dropout, Network } from '../../../src/tuners/reinforcement/network.js';

const INPUT = [0.3, -0.8, 0.5];
const AIM = [0.7, -0.2];

/** Half the squared error and its slope. */
const lossOf = (output: Float64Array): number =>
  output.reduce((sum, value, i) => sum + (value - (AIM[i] as number)) ** 2 / 2, 0);
const slope = (output: Float64Array): Float64Array => output.map((value, i) => value - (AIM[i] as number));

/** The largest relative difference between the gradient and central differences of the loss. */
function gradientError(network: Network, dropout?: () => Dropout): number {
  network.gradient.fill(0);
  network.learn(INPUT, slope, dropout?.());
  const analytic = Float64Array.from(network.gradient);
  const loss = (): number => {
    let value = Number.NaN;
    const keep = (output: Float64Array): Float64Array => {
      value = lossOf(output);
      return new Float64Array(output.length);
    };
    network.learn(INPUT, keep, dropout?.());
    return value;
  };
  let worst = 0;
  const h = 1e-6;
  for (let i = 0; i < network.parameters.length; i++) {
    const own = network.parameters[i] as number;
    network.parameters[i] = own + h;
    const above = loss();
    network.parameters[i] = own - h;
    const below = loss();
    network.parameters[i] = own;
    const numeric = (above - below) / (2 * h);
    const size = Math.max(1e-3, Math.abs(numeric), Math.abs(analytic[i] as number));
    worst = Math.max(worst, Math.abs(numeric - (analytic[i] as number)) / size);
  }
  return worst;
}

describe('the network', () => {
  it.each([1, 2, 3])('has the gradient that central differences have (seed %i)', (seed) => {
    expect(gradientError(new Network([3, 12, 9, 7, 2], prng(seed)))).toBeLessThan(1e-6);
  });

  it('also with dropout, the same units left out', () => {
    const dropout = (): Dropout => ({ rate: 0.3, next: prng(5) });
    expect(gradientError(new Network([3, 12, 9, 7, 2], prng(4)), dropout)).toBeLessThan(1e-6);
  });

  it('a wrong gradient is seen', () => {
    const network = new Network([3, 12, 2], prng(1));
    const learn = network.learn.bind(network);
    network.learn = (input, by, dropout) => {
      learn(input, by, dropout);
      network.gradient[5] = (network.gradient[5] as number) * 1.01 + 1e-3;
    };
    expect(gradientError(network)).toBeGreaterThan(1e-4);
  });

  it('dropout leaves the mean of a layer as it was', () => {
    const network = new Network([1, 400, 1], prng(2));
    const { parameters } = network;
    parameters.fill(1, 0, 800);
    parameters.fill(1 / 400, 800, 1200);
    parameters[1200] = 0;
    const next = prng(8);
    let sum = 0;
    for (let i = 0; i < 200; i++)
      network.learn(
        [1],
        (output) => {
          sum += output[0] as number;
          return new Float64Array(1);
        },
        { rate: 0.1, next },
      );
    expect(network.predict([1])[0]).toBeCloseTo(2, 9);
    expect(sum / 200).toBeCloseTo(2, 1);
  });

  it('learns XOR with Adam, which no layer alone can', () => {
    const network = new Network([2, 16, 16, 1], prng(6));
    const adam = new Adam(network, 0.01);
    const rows = [
      [0, 0, 0],
      [0, 1, 1],
      [1, 0, 1],
      [1, 1, 0],
    ] as const;
    for (let i = 0; i < 500; i++) {
      for (const [a, b, y] of rows)
        network.learn([a, b], (output) => Float64Array.of((output[0] as number) - y));
      adam.step();
    }
    for (const [a, b, y] of rows) expect(network.predict([a, b])[0]).toBeCloseTo(y, 1);
  });
});

it('Adam’s first step is the rate against the sign of the slope', () => {
  const network = new Network([1, 1], prng(1));
  const before = Float64Array.from(network.parameters);
  network.gradient.set([3, -0.001]);
  new Adam(network, 0.01).step();
  expect((before[0] as number) - (network.parameters[0] as number)).toBeCloseTo(0.01, 6);
  expect((before[1] as number) - (network.parameters[1] as number)).toBeCloseTo(-0.01, 5);
  expect([...network.gradient]).toEqual([0, 0]);
});
