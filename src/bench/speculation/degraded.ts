import type { Target } from '../../change/target.js';
import type { KnobValues } from '../../knobs/types.js';
import type { Lab } from '../../lab/lab.js';
import type { PreparedTrial } from '../../lab/prepare.js';
import { LabTarget } from '../../lab/target.js';
import type { Measurement } from '../../workloads/types.js';

/**
 * A lab machine that somebody left badly set: `start` is its default. Every window has a seed of its own, so that
 * windows of one setting differ as they do on a machine, and yet a run comes out the same every time.
 */
export class DegradedTarget implements Target {
  private window = 0;
  private inForce: KnobValues = {};
  private readonly lab: LabTarget;

  constructor(
    private readonly machines: Lab,
    private readonly trial: PreparedTrial,
    private readonly start: KnobValues,
  ) {
    this.lab = new LabTarget(machines, trial);
  }

  get name(): string {
    return `${this.lab.name}, badly set`;
  }

  get scheduler() {
    return this.lab.scheduler;
  }

  get cpus(): number {
    return this.lab.cpus;
  }

  async defaults(): Promise<KnobValues> {
    return { ...this.trial.defaults, ...this.start };
  }

  async apply(values: KnobValues): Promise<void> {
    this.inForce = { ...this.start, ...values };
  }

  async measure(): Promise<Measurement> {
    const { spec } = this.trial;
    const one = new LabTarget(this.machines, {
      ...this.trial,
      spec: { ...spec, seed: spec.seed + this.window++ },
    });
    await one.apply(this.inForce);
    return one.measure('search');
  }

  async close(): Promise<void> {}
}
