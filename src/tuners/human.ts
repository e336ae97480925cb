import { describeSettings } from '../knobs/format.js';
import { settingsOf, type TraceRow } from './human/trace.js';
import type { Tuner } from './types.js';

/**
 * Somebody's own choices, from a trace: what a cycle's row names is set, what it leaves out and the cycles between
 * rows keep the last values. Ends after the last row.
 */
export const human = (trace: readonly TraceRow[]): Tuner => ({
  name: 'human',
  async propose(history, { knobs, defaults }) {
    const cycle = history.length;
    if (cycle > (trace.at(-1)?.cycle ?? 0)) return null;
    const rows = trace.filter((row) => row.cycle <= cycle);
    const chosen = rows.map((row) => settingsOf(row, knobs));
    const values = Object.assign(
      Object.fromEntries(knobs.map(({ name }) => [name, defaults[name] as number])),
      ...chosen,
    );
    const isNew = rows.at(-1)?.cycle === cycle;
    const why = isNew
      ? `The trace’s choice for cycle ${cycle}`
      : `The trace changes nothing in cycle ${cycle}`;
    return { values, reason: `${why}: ${describeSettings(values)}.` };
  },
});
