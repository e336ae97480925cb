import { firstShift } from './change-point/cusum.js';
import { logsOf, type Row, residuals, sameSetting } from './change-point/series.js';
import { isProxy } from './proxy.js';
import type { Observation, TuningContext } from './types.js';

/** The load changed: what was measured before says little about what is best now. */
export interface ChangePoint {
  /** The first observation after it, a place in the history. */
  readonly from: number;
  /** The observation by which it was known, at or after `from`. */
  readonly seen: number;
  /** What shifted, for a reason. */
  readonly what: string;
  /** One and the same setting shows the shift, so it cannot be the knobs' own work. */
  readonly isSure: boolean;
}

/** What the kernel counts that tells of the load more than of the knobs; each may be absent. */
const KERNEL_SIGNATURE = ['wakeups_per_s', 'runq_waiting'] as const;
/** The same with what the application says of itself, where that is not hidden. */
const SIGNATURE = ['throughput_per_s', ...KERNEL_SIGNATURE] as const;
/** Shifts of the signature below a quarter are taken for the knobs' own work. */
const QUARTER = Math.log(1.25);
const SIGNATURE_FLOOR = QUARTER / 4;
/** The same setting's figures differ by this much anyway. */
const OBJECTIVE_FLOOR = 0.03;

/**
 * The last change of the load in a history, or null: a level shift in the logarithm of a signature metric, or of the
 * objective against earlier windows of the same setting. What was before a change is not looked at again. A shift of
 * the signature is taken for the knobs' work when settings were measured on both sides of it and none of them shows it.
 */
export function lastChange(history: readonly Observation[], context: TuningContext): ChangePoint | null {
  let last: ChangePoint | null = null;
  let start = 0;
  for (;;) {
    const found = firstChange(history.slice(start), context);
    if (!found) return last;
    const { what } = found;
    const [from, seen] = [start + found.from, start + found.seen];
    const since: number = last?.from ?? 0;
    const shown = what === context.objective.metric || isShown(what, history, { since, from }, context);
    if (shown !== false) last = { from, seen, what, isSure: shown === true };
    start = shown === false ? seen : from;
  }
}

/** Where the present load begins: a place in the history, 0 when it has not changed. */
export const presentLoad = (history: readonly Observation[], context: TuningContext): number =>
  lastChange(history, context)?.from ?? 0;

/**
 * A history's part since a change. Breaches before the change was known are none: they were judged by the guardrails
 * of the load before.
 */
export const sinceChange = (
  history: readonly Observation[],
  { from, seen }: ChangePoint,
): readonly Observation[] =>
  history
    .slice(from)
    .map((item, i) =>
      item.outcome === 'breach' && from + i < seen ? { ...item, outcome: 'put back' } : item,
    );

/**
 * Whether a setting that was measured on both sides of a shift shows it too: the knobs did not do that. Undefined when
 * no setting was.
 */
function isShown(
  metric: string,
  history: readonly Observation[],
  { since, from }: { readonly since: number; readonly from: number },
  context: TuningContext,
): boolean | undefined {
  const rows = logsOf(history, metric).filter(({ at }) => at >= since);
  const differences = rows
    .filter(({ at }) => at >= from)
    .flatMap((late) =>
      rows
        .filter(({ at }) => at < from && sameSetting(history, at, late.at, context))
        .map((early) => Math.abs(late.value - early.value)),
    );
  return differences.length === 0 ? undefined : Math.max(...differences) >= QUARTER;
}

type Found = Omit<ChangePoint, 'isSure'>;

function firstChange(history: readonly Observation[], context: TuningContext): Found | null {
  const signature = isProxy(context) ? KERNEL_SIGNATURE : SIGNATURE;
  const found = [
    ...signature.map((metric) => shiftIn(metric, logsOf(history, metric), SIGNATURE_FLOOR)),
    shiftIn(context.objective.metric, residuals(history, context), OBJECTIVE_FLOOR),
  ].filter((shift) => shift !== null);
  const [first] = found.sort((a, b) => a.seen - b.seen);
  // A change dated to the very beginning would be found again for ever.
  return first && first.from > 0 ? first : null;
}

function shiftIn(what: string, rows: readonly Row[], floor: number): Found | null {
  const shift = firstShift(
    rows.map(({ value }) => value),
    floor,
  );
  if (!shift) return null;
  return { what, from: (rows[shift.from] as Row).at, seen: (rows[shift.seen] as Row).at };
}
