import type { KnobValues } from '../knobs/types.js';
import { askedFor } from '../tuners/extra.js';
import type { Observation, TuningContext } from '../tuners/types.js';
import type { Metrics } from '../workloads/types.js';
import { Deaths } from './deaths.js';
import type { Cycle } from './result.js';
import type { Best, Progress } from './types.js';

/** Cycles that an estimate rests on: early ones may have come from the cache. */
const RECENT = 6;

/** What a run has recorded so far: the cycles in order, and the best among them. */
export class Journal {
  readonly cycles: Cycle[] = [];
  /** The default's windows under the present load, for the guardrails; empty before they were measured. */
  defaultWindows: readonly Metrics[] = [];
  best: Best;
  /** The first cycle of the present load; figures from before it are not compared with later ones. */
  since = 0;
  readonly deaths: Deaths;
  /** When each cycle was done, ms. */
  private readonly doneAt: number[] = [];
  private readonly started = Date.now();

  constructor(
    readonly context: TuningContext,
    private readonly onCycle: ((progress: Progress) => void) | undefined,
    private readonly asksModel = false,
  ) {
    this.best = { cycle: 0, values: this.tuned({}), objective: null };
    this.deaths = new Deaths(context.workload);
  }

  /** Values of all tuned knobs: `values` over the defaults. */
  tuned(values: KnobValues): Record<string, number> {
    const { knobs, defaults } = this.context;
    return Object.fromEntries(knobs.map(({ name }) => [name, values[name] ?? (defaults[name] as number)]));
  }

  /** Cycles of those that were asked for. */
  get counted(): number {
    return askedFor(this.cycles).length;
  }

  /** Adds a finished cycle, remembers it when it is the new best, and tells how far the run is. */
  add(cycle: Cycle): void {
    this.cycles.push(cycle);
    if (cycle.outcome === 'default' || cycle.outcome === 'kept') this.best = this.asBest(cycle);
    this.doneAt.push(Date.now());
    const done = this.counted;
    const of = this.context.cycles;
    const each = this.secondsEach();
    this.onCycle?.({ cycle, done, of, secondsLeft: each === null ? null : each * (of - done) });
  }

  /** What a cycle takes, the proposal included: the mean of the last ones, and before the first, the default's window. */
  private secondsEach(): number | null {
    const { doneAt, started, cycles } = this;
    const last = doneAt.at(-1) as number;
    if (doneAt.length > 1) {
      const from = Math.max(0, doneAt.length - 1 - RECENT);
      return (last - (doneAt[from] as number)) / 1000 / (doneAt.length - 1 - from);
    }
    // The default may have had several windows; every later cycle has one.
    return this.asksModel ? null : (last - started) / 1000 / (cycles[0]?.windows?.length ?? 1);
  }

  /** A cycle as the best: the default is cycle 0 however often it was measured. */
  asBest(cycle: Cycle): Best {
    const { values, objective } = cycle;
    return { cycle: this.isDefault(cycle) ? 0 : cycle.cycle, values, objective };
  }

  /** The default's own figures; empty before they were measured. */
  get defaultMetrics(): Metrics {
    return this.cycles[0]?.measurement?.metrics ?? {};
  }

  /** The default's objective under the present load; null where it was not measured or gave no figure. */
  get defaultObjective(): number | null {
    const own = this.since === 0 ? this.cycles[0] : this.cycles.slice(this.since).find(this.isDefault);
    return own?.objective ?? null;
  }

  /** Whether a cycle ran under the default. */
  readonly isDefault = ({ values, outcome }: Pick<Observation, 'values' | 'outcome'>): boolean =>
    outcome !== 'rejected' && Object.entries(this.tuned({})).every(([name, value]) => values[name] === value);

  /** How many of the last proposals failed the checks without one in between that passed. */
  get rejectedInARow(): number {
    return this.cycles.length - 1 - this.cycles.findLastIndex(({ outcome }) => outcome !== 'rejected');
  }
}
