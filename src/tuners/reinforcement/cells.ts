import { usageError } from '../../errors.js';
import { positionOf } from '../../knobs/scale.js';
import type { KnobValues } from '../../knobs/types.js';
import { lattice } from '../lattice.js';
import type { TuningContext } from '../types.js';

/** Values per knob, evenly on its scale (LumOS paper, appendix A.1). */
export const BINS = 8;
/** More knobs than this make more cells than any run has cycles. */
const MOST_KNOBS = 4;

/** The settings an agent chooses from: a lattice over the knobs without contradictory points. */
export class Cells {
  readonly settings: readonly KnobValues[];

  /** @throws TunesmithError (usage) for more than four knobs */
  constructor(private readonly context: TuningContext) {
    const { knobs, defaults } = context;
    if (knobs.length > MOST_KNOBS)
      throw usageError(
        '--tune',
        knobs.map(({ name }) => name).join(','),
        `are too many knobs for a table of ${BINS} bins each`,
        `name at most ${MOST_KNOBS}, or use --tuner bayesian`,
      );
    this.settings = lattice(knobs, BINS, defaults);
  }

  /** Where a setting lies: one coordinate in [0, 1] a knob. */
  placeOf(values: KnobValues): number[] {
    return this.context.knobs.map((knob) =>
      positionOf(knob, values[knob.name] ?? (this.context.defaults[knob.name] as number)),
    );
  }

  /** The cell nearest to a setting, which need not be one (the default seldom is). */
  nearest(values: KnobValues): number {
    const place = this.placeOf(values);
    const away = this.settings.map((setting) =>
      Math.hypot(...this.placeOf(setting).map((x, i) => x - (place[i] as number))),
    );
    return away.indexOf(Math.min(...away));
  }
}
