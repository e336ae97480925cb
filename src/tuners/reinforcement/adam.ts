import type { Network } from './network.js';

const FIRST_DECAY = 0.9;
const SECOND_DECAY = 0.999;
const EPSILON = 1e-8;

/** Adam (Kingma and Ba, 2015) with its authors' decay rates. */
export class Adam {
  private readonly first: Float64Array;
  private readonly second: Float64Array;
  private steps = 0;

  constructor(
    private readonly network: Network,
    private readonly rate: number,
  ) {
    this.first = new Float64Array(network.parameters.length);
    this.second = new Float64Array(network.parameters.length);
  }

  /** Moves the weights against the gradient that was added up, and clears it. */
  step(): void {
    const { parameters, gradient } = this.network;
    this.steps++;
    const firstBias = 1 - FIRST_DECAY ** this.steps;
    const secondBias = 1 - SECOND_DECAY ** this.steps;
    for (let i = 0; i < parameters.length; i++) {
      const slope = gradient[i] as number;
      const first = FIRST_DECAY * (this.first[i] as number) + (1 - FIRST_DECAY) * slope;
      const second = SECOND_DECAY * (this.second[i] as number) + (1 - SECOND_DECAY) * slope * slope;
      this.first[i] = first;
      this.second[i] = second;
      const move = (this.rate * (first / firstBias)) / (Math.sqrt(second / secondBias) + EPSILON);
      parameters[i] = (parameters[i] as number) - move;
      gradient[i] = 0;
    }
  }
}
