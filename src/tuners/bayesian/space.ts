import { contradiction } from '../../knobs/contradiction.js';
import type { Knob, KnobValues } from '../../knobs/types.js';
import type { TuningContext } from '../types.js';

/** A setting as the optimiser handles it. */
export interface Config {
  readonly values: KnobValues;
  /** The same in the unit cube, one coordinate per knob. */
  readonly vector: readonly number[];
  /** Equal for equal values. */
  readonly key: string;
}

/** The whole number at a coordinate in [0, 1] of a knob's range, on the knob's scale. */
export function decode({ min, max, scale }: Knob, coordinate: number): number {
  const held = Math.min(1, Math.max(0, coordinate));
  if (scale === 'linear') return Math.round(min + held * (max - min));
  const exact = Math.exp(Math.log(min) + held * (Math.log(max) - Math.log(min)));
  return Math.min(max, Math.max(min, Math.round(exact)));
}

/** Where a value lies in a knob's range, 0 to 1, on the knob's scale. */
export const encode = ({ min, max, scale }: Knob, value: number): number =>
  scale === 'linear'
    ? (value - min) / (max - min)
    : (Math.log(value) - Math.log(min)) / (Math.log(max) - Math.log(min));

/** The knobs' ranges as SMAC's configuration space: whole numbers, and contradictory settings are not in it. */
export class Space {
  constructor(private readonly context: Pick<TuningContext, 'knobs' | 'defaults'>) {}

  get knobs(): readonly Knob[] {
    return this.context.knobs;
  }

  /** The setting at a point of the unit cube; null where its values contradict each other. */
  at(point: readonly number[]): Config | null {
    const config = this.of(
      Object.fromEntries(this.knobs.map((knob, i) => [knob.name, decode(knob, point[i] as number)])),
    );
    return contradiction({ ...this.context.defaults, ...config.values }) === null ? config : null;
  }

  /** A setting from its values, which may be the default's and need not be checked. */
  of(values: KnobValues): Config {
    const own = this.knobs.map((knob) => values[knob.name] ?? (this.context.defaults[knob.name] as number));
    return {
      values: Object.fromEntries(this.knobs.map(({ name }, i) => [name, own[i] as number])),
      vector: this.knobs.map((knob, i) => encode(knob, own[i] as number)),
      key: own.join(' '),
    };
  }

  /** A setting drawn evenly; a contradictory one is drawn again. */
  draw(next: () => number): Config {
    for (;;) {
      const config = this.at(this.knobs.map(() => next()));
      if (config) return config;
    }
  }
}
