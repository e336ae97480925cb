/** Weights and activations of one layer lie at these places of the flat parameter array. */
interface Layer {
  readonly inputs: number;
  readonly outputs: number;
  readonly weights: number;
  readonly biases: number;
}

/** Random zeros in hidden layers while training; what stays is scaled up (inverted dropout). */
export interface Dropout {
  readonly rate: number;
  readonly next: () => number;
}

/**
 * A fully connected network with ReLU between its layers. All weights are one flat array, so that copying a network,
 * checking its gradient and training it are loops over numbers.
 */
export class Network {
  readonly parameters: Float64Array;
  /** What `learn` adds up; same places as `parameters`. */
  readonly gradient: Float64Array;
  private readonly layers: readonly Layer[];

  /** @param sizes inputs, hidden layers, outputs; weights start evenly in ±1/√inputs */
  constructor(sizes: readonly number[], next: () => number) {
    let place = 0;
    this.layers = sizes.slice(1).map((outputs, i) => {
      const inputs = sizes[i] as number;
      const layer = { inputs, outputs, weights: place, biases: place + inputs * outputs };
      place = layer.biases + outputs;
      return layer;
    });
    this.parameters = new Float64Array(place);
    this.gradient = new Float64Array(place);
    for (const { inputs, outputs, weights } of this.layers)
      for (let i = weights; i < weights + (inputs + 1) * outputs; i++)
        this.parameters[i] = (2 * next() - 1) / Math.sqrt(inputs);
  }

  predict(input: ArrayLike<number>): Float64Array {
    return this.forward(input).at(-1) as Float64Array;
  }

  /**
   * Adds one example's gradient to `gradient`.
   * @param slope the loss's derivative by each output, given the outputs
   */
  learn(input: ArrayLike<number>, slope: (output: Float64Array) => Float64Array, dropout?: Dropout): void {
    const activations = this.forward(input, dropout);
    let error: Float64Array = slope(activations.at(-1) as Float64Array);
    for (let l = this.layers.length - 1; l >= 0; l--)
      error = this.backward(this.layers[l] as Layer, activations[l] as Float64Array, error, dropout);
  }

  /** Activations of each layer, the input first. */
  private forward(input: ArrayLike<number>, dropout?: Dropout): Float64Array[] {
    const activations: Float64Array[] = [Float64Array.from(input)];
    for (const [l, layer] of this.layers.entries()) {
      const made = this.apply(layer, activations[l] as Float64Array);
      if (l < this.layers.length - 1) rectify(made, dropout);
      activations.push(made);
    }
    return activations;
  }

  private apply({ inputs, outputs, weights, biases }: Layer, from: Float64Array): Float64Array {
    const { parameters } = this;
    const made = new Float64Array(outputs);
    for (let o = 0; o < outputs; o++) {
      let sum = parameters[biases + o] as number;
      const row = weights + o * inputs;
      for (let i = 0; i < inputs; i++) sum += (parameters[row + i] as number) * (from[i] as number);
      made[o] = sum;
    }
    return made;
  }

  /** Adds a layer's gradient and returns the error of its inputs, which is nil where ReLU or dropout made zero. */
  private backward(layer: Layer, from: Float64Array, error: Float64Array, dropout?: Dropout): Float64Array {
    const { inputs, outputs, weights, biases } = layer;
    const { parameters, gradient } = this;
    const before = new Float64Array(inputs);
    for (let o = 0; o < outputs; o++) {
      const e = error[o] as number;
      if (e === 0) continue;
      const row = weights + o * inputs;
      gradient[biases + o] = (gradient[biases + o] as number) + e;
      for (let i = 0; i < inputs; i++) {
        gradient[row + i] = (gradient[row + i] as number) + e * (from[i] as number);
        before[i] = (before[i] as number) + e * (parameters[row + i] as number);
      }
    }
    const scale = keep(dropout);
    for (let i = 0; i < inputs; i++) before[i] = (from[i] as number) > 0 ? (before[i] as number) * scale : 0;
    return before;
  }
}

const keep = (dropout?: Dropout): number => (dropout ? 1 / (1 - dropout.rate) : 1);

function rectify(values: Float64Array, dropout?: Dropout): void {
  const scale = keep(dropout);
  for (let i = 0; i < values.length; i++) {
    const isDropped = dropout !== undefined && dropout.next() < dropout.rate;
    values[i] = isDropped ? 0 : Math.max(0, values[i] as number) * scale;
  }
}
