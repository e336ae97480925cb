import type { TuneResult } from '../loop/result.js';

type Values = TuneResult['best']['values'];
type Measurement = NonNullable<TuneResult['cycles'][number]['measurement']>;

/** A setting with what it came to. */
export interface Figures {
  readonly values: Values;
  readonly objective: number | null;
  readonly measurement: Measurement | null;
}

/** Default against best. `after` is null when nothing better than the default was found. */
export interface BeforeAfter {
  readonly before: Figures;
  readonly after: Figures | null;
  /** `referee`: cold boots, exact anywhere. `search`: the tuning cycles themselves. */
  readonly source: 'referee' | 'search';
  /** Relative improvement, positive is better; null when one of the figures is missing. */
  readonly gain: number | null;
}

/** The default and the best of a run: as the referee measured them, or else as the search did. */
export function beforeAfter(result: TuneResult): BeforeAfter {
  const { referee, best, cycles } = result;
  const changed = !sameValues(best.values, defaultValues(result));
  if (referee)
    return {
      before: referee.default,
      after: changed ? referee.best : null,
      source: 'referee',
      gain: changed ? referee.gain : 0,
    };
  const first = cycles.find(({ outcome }) => outcome === 'default');
  const before: Figures = {
    values: defaultValues(result),
    objective: first?.objective ?? null,
    measurement: first?.measurement ?? null,
  };
  const measurement = cycles.find(({ cycle }) => cycle === best.cycle)?.measurement ?? null;
  const after = changed ? { values: best.values, objective: best.objective, measurement } : null;
  return {
    before,
    after,
    source: 'search',
    gain: after ? gainOf(result, before.objective, after.objective) : 0,
  };
}

/** The knob values before tuning: those of the default cycle, or the knobs' own defaults when there is none. */
export function defaultValues({ cycles, knobs }: TuneResult): Values {
  const first = cycles.find(({ outcome }) => outcome === 'default');
  return first?.values ?? Object.fromEntries(knobs.map((knob) => [knob.name, knob.default]));
}

/** Relative improvement from `before` to `after` (share, positive is better); null when it cannot be said. */
export function gainOf(result: TuneResult, before: number | null, after: number | null): number | null {
  if (before === null || after === null || before === 0) return null;
  const change = (after - before) / Math.abs(before);
  return result.objective.direction === 'lower' ? 0 - change : change;
}

/** A gain as a judgement; less than half a tenth of a per cent either way is none. */
export function judge(gain: number | null): 'better' | 'worse' | '' {
  if (gain === null || Math.abs(gain) < 0.0005) return '';
  return gain > 0 ? 'better' : 'worse';
}

/** The oracle: the exhaustive grid among the rivals, if it ran. */
export const oracleOf = ({ rivals }: TuneResult): TuneResult['rivals'][number] | undefined =>
  rivals.find(({ name }) => isOracle(name));

/** Whether a rival's name says that it tried every setting. */
export const isOracle = (name: string): boolean => name === 'grid' || name === 'oracle';

/** What a run is called: "pgbench on CFS", "redis-server (pid:12) beside idle on EEVDF". */
export function titleOf({ workload, target }: TuneResult): string {
  const { scope = 'load', service, scheduler } = target;
  const what = scope === 'load' ? workload : `${service ?? scope} (${scope}) beside ${workload}`;
  return `${what} on ${scheduler.toUpperCase()}`;
}

/** Whether a setting was found, and the referee did not confirm it: the default stays. */
export const isRejected = (result: TuneResult): boolean =>
  !result.verdict.accepted && result.referee !== null && beforeAfter(result).after !== null;

const sameValues = (a: Values, b: Values): boolean => Object.keys(a).every((name) => a[name] === b[name]);
