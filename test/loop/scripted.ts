import type { KnobValues } from '../../src/knobs/types.js';
import type { Tuner } from '../../src/tuners/types.js';

/** A tuner that proposes these values in turn; `null` ends the run. */
export const scripted = (...steps: readonly (KnobValues | null)[]): Tuner => ({
  name: 'scripted',
  async propose(history) {
    const values = steps[history.length - 1];
    return values ? { values, reason: `step ${history.length}` } : null;
  },
});
