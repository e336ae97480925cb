import type { Rigour, Target } from '../change/target.js';
import type { KnobValues } from '../knobs/types.js';
import type { Lab } from './lab.js';
import type { PreparedTrial } from './prepare.js';
import { inForceIn, type TrialResult } from './trial.js';

/**
 * The lab as a target. Every measurement is a trial of its own, a pure function of what is in force, so a window
 * owes nothing to the windows before it and a value that comes back is answered from the cache.
 */
export class LabTarget implements Target {
  readonly exact = true;
  private inForce: KnobValues = {};

  constructor(
    private readonly lab: Lab,
    private readonly trial: PreparedTrial,
  ) {}

  get name(): string {
    const { kernel, spec } = this.trial;
    return `lab, Linux ${kernel.release}, ${spec.shape.cpus} CPU${spec.shape.cpus === 1 ? '' : 's'}`;
  }

  get scheduler() {
    return this.trial.kernel.scheduler;
  }

  get cpus(): number {
    return this.trial.spec.shape.cpus;
  }

  async defaults(): Promise<KnobValues> {
    return this.trial.defaults;
  }

  async apply(values: KnobValues): Promise<void> {
    this.inForce = values;
  }

  /** All knobs are written in every trial, also those at their default: the same work before every window. */
  async measure(rigour: Rigour): Promise<TrialResult> {
    return this.trialOf(this.inForce, rigour, this.trial.spec.seed);
  }

  another(values: KnobValues): Promise<TrialResult> {
    return this.trialOf(values, 'search', this.trial.spec.seed + 1);
  }

  private async trialOf(values: KnobValues, rigour: Rigour, seed: number): Promise<TrialResult> {
    const { files, defaults, windows } = this.trial;
    const knobs = { ...defaults, ...values };
    const spec = { ...this.trial.spec, knobs, seed, windows: windows[rigour] };
    const result = await this.lab.trial(spec, files, rigour);
    return { ...result, inForce: inForceIn(spec, result) };
  }

  async close(): Promise<void> {
    this.inForce = {};
  }
}
