import type { Target } from '../../change/target.js';
import type { KnobValues } from '../../knobs/types.js';
import type { Measurement } from '../../workloads/types.js';

/** A load from one window on. */
export interface Phase {
  /** Its first window. */
  readonly from: number;
  /** One window of it under these values; which of its load seeds is by the window's number. */
  readonly measure: (values: KnobValues, window: number) => Promise<Measurement>;
}

/** The phase a window falls into. */
export const phaseAt = <P extends Pick<Phase, 'from'>>(phases: readonly P[], window: number): P =>
  phases.findLast(({ from }) => from <= window) ?? (phases[0] as P);

/** A machine whose load changes with the window's number, whoever tunes it and whatever is in force. */
export class SteppedTarget implements Target {
  readonly scheduler = 'cfs';
  private window = 0;
  private inForce: KnobValues = {};

  constructor(
    readonly name: string,
    readonly cpus: number,
    private readonly start: KnobValues,
    private readonly phases: readonly Phase[],
  ) {}

  async defaults(): Promise<KnobValues> {
    return this.start;
  }

  async apply(values: KnobValues): Promise<void> {
    this.inForce = values;
  }

  measure(): Promise<Measurement> {
    const window = this.window++;
    return phaseAt(this.phases, window).measure({ ...this.start, ...this.inForce }, window);
  }

  async close(): Promise<void> {}
}
