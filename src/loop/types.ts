import type { Target } from '../change/target.js';
import type { Knob, KnobValues } from '../knobs/types.js';
import type { Load, Objective, Tuner, TuningContext } from '../tuners/types.js';
import type { Workload } from '../workloads/types.js';
import type { Cycle, TuneResult } from './result.js';

/** The metric a run improves, with what it means. */
export interface NamedObjective extends Objective {
  readonly meaning: string;
}

/** How far a run is, after each cycle. */
export interface Progress {
  readonly cycle: Cycle;
  readonly done: number;
  readonly of: number;
  /**
   * Estimate for the cycles still to come, from the last ones, proposals included; s. Null while there is none: how long a
   * model takes is not known before it has been asked.
   */
  readonly secondsLeft: number | null;
}

export interface TuneOptions {
  readonly target: Target;
  readonly workload: Workload;
  /** How the workload is run, for tuners that reason about it. */
  readonly load?: Load | undefined;
  readonly knobs: readonly Knob[];
  readonly tuner: Tuner;
  /** Measured windows in all, the default's included. */
  readonly cycles: number;
  readonly seed: number;
  /** Another metric of the workload than its own objective. */
  readonly objective?: string | undefined;
  /** Let the referee measure default and best at the end. */
  readonly referee?: boolean | undefined;
  /** Where windows of one setting are alike: how many of the search's best the referee measures; default 1. */
  readonly finalists?: number | undefined;
  /** Ends the run after the window under way; the defaults are put back and what was found is still returned. */
  readonly signal?: AbortSignal | undefined;
  readonly onCycle?: ((progress: Progress) => void) | undefined;
  /** Before each of the referee's measurements; `turn` counts pairs or finalists from 1, where there are several. */
  readonly onReferee?: ((what: 'default' | 'best', turn?: { turn: number; of: number }) => void) | undefined;
}

/** The best setting of a run; `cycle` 0 is the default. */
export interface Best {
  readonly cycle: number;
  /** Values of every tuned knob. */
  readonly values: KnobValues;
  readonly objective: number | null;
}

/** Referee measurements of default and best; `breaches` are guardrails the best fails before the referee. */
export type Confirmation = NonNullable<TuneResult['referee']> & { readonly breaches: readonly string[] };

export type Verdict = TuneResult['verdict'];

/** What a run found out. `assembleResult` makes a `TuneResult` of it. */
export interface TuneOutcome {
  readonly cycles: readonly Cycle[];
  readonly best: Best;
  readonly referee: Confirmation | null;
  readonly verdict: Verdict;
  readonly interrupted: boolean;
  readonly context: TuningContext;
  readonly objective: NamedObjective;
  readonly tuner: string;
}
