import { contradiction } from '../knobs/contradiction.js';
import { describeSettings } from '../knobs/format.js';
import { valueAt } from '../knobs/scale.js';
import type { KnobValues } from '../knobs/types.js';
import { prng } from './prng.js';
import type { Tuner, TuningContext } from './types.js';

const TRIES = 1000;

/**
 * Draws every knob evenly on its scale (log-uniform for times) and draws again when the knobs contradict each
 * other. The n-th proposal depends on seed and n alone.
 */
export const random: Tuner = {
  name: 'random',
  async propose(history, context) {
    const draw = history.length;
    const next = prng(context.seed, draw);
    for (let tries = 0; tries < TRIES; tries++) {
      const values = drawn(context, next);
      if (contradiction({ ...context.defaults, ...values }) === null)
        return { values, reason: `Draw ${draw} of seed ${context.seed}: ${describeSettings(values)}.` };
    }
    return null;
  },
};

const drawn = ({ knobs }: TuningContext, next: () => number): KnobValues =>
  Object.fromEntries(knobs.map((knob) => [knob.name, valueAt(knob, next())]));
