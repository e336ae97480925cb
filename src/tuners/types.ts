import type { Knob, KnobValues } from '../knobs/types.js';
import type { Account } from '../models/account.js';
import type { Direction, Measurement, MetricUnit } from '../workloads/types.js';

/** One finished cycle, as a tuner sees it. */
export interface Observation {
  readonly cycle: number;
  readonly values: KnobValues;
  /** The objective's value; null when the window gave none (a missing figure is missing, never 0). */
  readonly objective: number | null;
  readonly measurement: Measurement | null;
  /** `default` is cycle 0; `breach` put the default back at once. */
  readonly outcome: 'default' | 'kept' | 'put back' | 'breach' | 'rejected';
  readonly note: string;
  /** Where the cycle had several windows: half the range of their objectives over the median, a share. */
  readonly noise?: number | undefined;
  /** It came on top of the windows that were asked for. */
  readonly extra?: true | undefined;
}

/** The metric to improve; `unit` is there so that reasons can be written for people. */
export interface Objective {
  readonly metric: string;
  readonly direction: Exclude<Direction, 'none'>;
  readonly unit: MetricUnit;
  readonly meaning?: string | undefined;
  /** A figure and the next one it can be are so far apart, a share; left out where any figure can be. */
  readonly resolution?: number | undefined;
}

/** What runs while a tuner tunes. */
export interface Load {
  /** The workload's parameters that are not at their defaults. */
  readonly parameters: Readonly<Record<string, number>>;
  /** Length of a window on the target's clock, ns. */
  readonly windowNs: number;
}

/** What a tuner knows before it starts. */
export interface TuningContext {
  readonly knobs: readonly Knob[];
  /** Values in force before tuning: of every knob in `knobs`, and of the others the kernel has. */
  readonly defaults: KnobValues;
  readonly objective: Objective;
  readonly workload: string;
  readonly load?: Load | undefined;
  /** Windows of one setting give the same figures, to the last digit: measuring one again tells nothing. */
  readonly exact?: boolean | undefined;
  /** The objective in a window of these values under another draw of the load; where a target can do that. */
  readonly another?: ((values: KnobValues) => Promise<number | null>) | undefined;
  readonly cpus: number;
  /** Measured windows, the default's (cycle 0) included and extra ones left out. */
  readonly cycles: number;
  readonly seed: number;
  /** Where proposals are moved to the nearest point of a lattice: its values per knob. */
  readonly points?: number | undefined;
}

export interface Proposal {
  readonly values: KnobValues;
  /** One or two sentences a person can check. */
  readonly reason: string;
  /** Its window comes on top of those asked for, of which a run has as many again at most. */
  readonly extra?: true | undefined;
}

/**
 * Proposes what to try next. Stateless on purpose where it can be: everything it may use is in `history`,
 * oldest first, cycle 0 being the default. Returns null when it has nothing more to try.
 */
export interface Tuner {
  readonly name: string;
  propose(history: readonly Observation[], context: TuningContext): Promise<Proposal | null>;
  /** The run is over: ends what is still under way. */
  close?(): void;
  /** What a person should know about the run so far: why it ended early, what was skipped. */
  remarks?(): readonly string[];
  /** What the models it asked have cost so far. */
  accounts?(): readonly Account[];
}
