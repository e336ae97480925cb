import { TunesmithError } from '../../errors.js';
import type { KnobValues } from '../../knobs/types.js';
import { validateChange } from '../../knobs/validate.js';
import { listKernels } from '../../lab/kernels/resolve.js';
import { Lab } from '../../lab/lab.js';
import { type PreparedTrial, prepareTrial, type TrialRequest } from '../../lab/prepare.js';
import { LabTarget } from '../../lab/target.js';
import type { TrialResult } from '../../lab/trial.js';
import { cachedRelease } from './kernels.js';

/** Trials asked for at once over all callers: more would only wait. */
const LIMIT = 8;

/** The lab behind its tools: at most so much work, and only what is on this machine already. */
export class LabDesk {
  private lab: Lab | undefined;
  private busy = 0;

  kernels() {
    return listKernels();
  }

  /**
   * One trial per set of values, in order.
   * @throws TunesmithError usage for bad values, rejected when the lab is busy or the call was cancelled, incapable,
   * guest
   */
  async trials(
    request: TrialRequest,
    settings: readonly KnobValues[],
    rigour: 'search' | 'referee',
    signal: AbortSignal,
    onDone: (done: number) => void,
  ): Promise<{ readonly trial: PreparedTrial; readonly results: readonly TrialResult[] }> {
    if (this.busy >= LIMIT)
      throw new TunesmithError('rejected', `the lab has ${this.busy} requests to do already`, {
        hint: 'wait for one of them',
      });
    this.busy++;
    try {
      this.lab ??= new Lab({ machines: 1 });
      const { lab } = this;
      const trial = await prepareTrial(lab, { ...request, kernel: await cachedRelease(request.kernel) });
      const { scheduler } = trial.kernel;
      for (const values of settings) validateChange(values, { scheduler, defaults: trial.defaults });
      const results: TrialResult[] = [];
      for (const values of settings) {
        // A trial under way runs to its end: its result is kept and helps the next who asks.
        if (signal.aborted) throw new TunesmithError('interrupted', 'the call was cancelled');
        const target = new LabTarget(lab, trial);
        await target.apply(values);
        results.push(await target.measure(rigour));
        onDone(results.length);
      }
      return { trial, results };
    } finally {
      this.busy--;
    }
  }

  async close(): Promise<void> {
    await this.lab?.close();
  }
}
