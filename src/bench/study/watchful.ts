import { presentLoad } from '../../tuners/change-point.js';
import { settled } from '../../tuners/speculative/settled.js';
import type { Tuner } from '../../tuners/types.js';

/** A tuner that never ends a run: when it has nothing to try, its best under the present load stays in force. */
export const watchful = (tuner: Tuner): Tuner => ({
  ...tuner,
  async propose(history, context) {
    const from = presentLoad(history, context);
    return (await tuner.propose(history, context)) ?? settled(history.slice(from), context);
  },
});
