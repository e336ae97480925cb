import type { Target } from '../../change/target.js';
import type { KnobValues } from '../../knobs/types.js';
import type { Measurement } from '../../workloads/types.js';

/** A load from one cycle on. */
export interface Phase {
  /** Its first cycle. */
  readonly from: number;
  /** One window of it under these values; which of its load seeds is by the turn. */
  readonly measure: (values: KnobValues, turn: number) => Promise<Measurement>;
}

/** The phase a cycle falls into. */
export const phaseAt = <P extends Pick<Phase, 'from'>>(phases: readonly P[], window: number): P =>
  phases.findLast(({ from }) => from <= window) ?? (phases[0] as P);

/** A machine whose load changes with the cycle, whoever tunes it and whatever is in force. */
export class SteppedTarget implements Target {
  readonly scheduler = 'cfs';
  private measured = 0;
  private inForce: KnobValues = {};

  constructor(
    readonly name: string,
    readonly cpus: number,
    private readonly start: KnobValues,
    private readonly phases: readonly Phase[],
    /** Different windows of one setting: the default has as many to begin with, all of them cycle 0. */
    private readonly loadSeeds: number,
  ) {}

  get repeats() {
    return { default: this.loadSeeds, pairs: 0 };
  }

  async defaults(): Promise<KnobValues> {
    return this.start;
  }

  async apply(values: KnobValues): Promise<void> {
    this.inForce = values;
  }

  measure(): Promise<Measurement> {
    const turn = this.measured++;
    const cycle = Math.max(0, turn - (this.loadSeeds - 1));
    return phaseAt(this.phases, cycle).measure({ ...this.start, ...this.inForce }, turn);
  }

  async close(): Promise<void> {}
}
