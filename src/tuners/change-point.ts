import { firstShift } from './change-point/cusum.js';
import { distance, placeOf } from './expert/evidence.js';
import type { Observation, TuningContext } from './types.js';

/** The load changed: what was measured before says little about what is best now. */
export interface ChangePoint {
  /** The first observation after it, a place in the history. */
  readonly from: number;
  /** What shifted, for a reason. */
  readonly what: string;
}

/** Metrics that tell of the load more than of the knobs; each may be absent. */
const SIGNATURE = ['throughput_per_s', 'wakeups_per_s', 'runq_waiting'] as const;
/** Shifts of the signature below a quarter are taken for the knobs' own work. */
const SIGNATURE_FLOOR = Math.log(1.25) / 4;
/** The same setting's figures differ by this much anyway. */
const OBJECTIVE_FLOOR = 0.03;
/** Settings this near each other (3 % of a range) are the same for the objective. */
const ALIKE = 0.03;

/**
 * The last change of the load in a history, or null: a level shift in the logarithm of a signature metric, or of the
 * objective against earlier windows of the same setting. What was before a change is not looked at again.
 */
export function lastChange(history: readonly Observation[], context: TuningContext): ChangePoint | null {
  let last: ChangePoint | null = null;
  for (;;) {
    const start: number = last?.from ?? 0;
    const found = firstChange(history.slice(start), context);
    if (!found) return last;
    last = { from: start + found.from, what: found.what };
  }
}

function firstChange(history: readonly Observation[], context: TuningContext): ChangePoint | null {
  const found = [
    ...SIGNATURE.map((metric) => shiftIn(metric, logsOf(history, metric), SIGNATURE_FLOOR)),
    shiftIn(context.objective.metric, residuals(history, context), OBJECTIVE_FLOOR),
  ].filter((shift) => shift !== null);
  const [first] = found.sort((a, b) => a.seen - b.seen);
  // A change dated to the very beginning would be found again for ever.
  return first && first.from > 0 ? first : null;
}

interface Row {
  readonly at: number;
  readonly value: number;
}

function shiftIn(what: string, rows: readonly Row[], floor: number): (ChangePoint & { seen: number }) | null {
  const shift = firstShift(
    rows.map(({ value }) => value),
    floor,
  );
  if (!shift) return null;
  return { what, from: (rows[shift.from] as Row).at, seen: (rows[shift.seen] as Row).at };
}

const logsOf = (history: readonly Observation[], metric: string): readonly Row[] =>
  history.flatMap(({ measurement }, at) => {
    const value = measurement?.metrics[metric];
    return value !== undefined && value > 0 ? [{ at, value: Math.log(value) }] : [];
  });

/** Logarithms of the objective over the first figure of the same setting. */
function residuals(history: readonly Observation[], context: TuningContext): readonly Row[] {
  const firsts: { readonly place: readonly number[]; readonly figure: number }[] = [];
  return history.flatMap(({ objective, values, outcome }, at) => {
    if (objective === null || objective <= 0 || outcome === 'rejected') return [];
    const place = placeOf(values, context);
    const known = firsts.find((first) => distance(first.place, place) < ALIKE);
    if (!known) firsts.push({ place, figure: objective });
    return known ? [{ at, value: Math.log(objective / known.figure) }] : [];
  });
}
