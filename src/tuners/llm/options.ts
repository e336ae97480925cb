import type { AccountedModel } from '../../models/index.js';
import type { Observation, Tuner, TuningContext } from '../types.js';
import type { HistoryPolicy } from './history.js';
import type { Observer } from './observers.js';

/** The window from which on figures are of the present load; 0 when it has not changed. */
export type ChangeDetector = (history: readonly Observation[], context: TuningContext) => number;

export interface LlmOptions {
  /** Decides by default. */
  readonly model: AccountedModel;
  /** Decides after changes and stalls. */
  readonly large?: AccountedModel | undefined;
  readonly history?: HistoryPolicy | undefined;
  readonly changed?: ChangeDetector | undefined;
  /** What a model may ask to see. */
  readonly observers?: readonly Observer[] | undefined;
  /**
   * Rules the run falls back on: their next proposal is shown as a candidate, stands in for a decision that is of no use
   * or known, and is measured next when the model overruled it with what was not the best. Without them, the best so far
   * stays instead.
   */
  readonly rules?: Tuner | undefined;
  /** What to do about a model that proposes one point for ever: end the run, or go on and count. */
  readonly whenStuck?: 'stop' | 'stay' | undefined;
  readonly signal?: AbortSignal | undefined;
}
