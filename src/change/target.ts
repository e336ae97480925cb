import type { KnobValues, SchedulerClass } from '../knobs/types.js';
import type { Measurement } from '../workloads/types.js';

/** How a target is measured: cheaply while searching, or so that a published figure can rest on it. */
export type Rigour = 'search' | 'referee';

/** How many windows of one setting make a figure, where windows of one setting differ. */
export interface Repeats {
  /** For the default, before tuning: their spread is the noise. */
  readonly default: number;
  /** Pairs of windows, default and best by turns, for the referee. */
  readonly pairs: number;
}

/**
 * Where a change can be applied and measured. The loop and the tuners cannot tell a lab from a host.
 * Values are always whole: `apply` puts `values` in force and everything it does not name back to the default.
 */
export interface Target {
  /** For people: "lab, Linux 6.1.0-56, 2 CPUs". */
  readonly name: string;
  readonly scheduler: SchedulerClass;
  readonly cpus: number;
  /** Absent where one window of a setting is enough for its figure. */
  readonly repeats?: Repeats | undefined;
  /** Every window of a setting gives the same figures, to the last digit. */
  readonly exact?: boolean | undefined;
  /** Every knob's value before anything was changed. */
  defaults(): Promise<KnobValues>;
  /** Puts `values` over the defaults in force. */
  apply(values: KnobValues): Promise<void>;
  /**
   * Runs the workload for one window under what is in force.
   * @throws WorkloadDied when the workload failed and the target did not; TargetLost when what is in force took the
   * target down, and the next window gets another; anything else is the target's own failure
   */
  measure(rigour: Rigour): Promise<Measurement>;
  /**
   * One window of `values`, like `measure` while searching, under another draw of the load; what is in force stays as it
   * is. Only where a window is repeatable, and so tells nothing of what another would have given.
   */
  another?(values: KnobValues): Promise<Measurement>;
  /** Puts the defaults back and frees everything. Safe to call twice. */
  close(): Promise<void>;
}
