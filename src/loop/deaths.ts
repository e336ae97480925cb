import { TunesmithError } from '../errors.js';
import type { Measurement } from '../workloads/types.js';

/** Windows in a row in which the workload may die, when the default is among them. */
const MOST = 3;

/**
 * Counts windows in which the workload died. Under a setting that is the setting's fault, and tuning goes on; where it
 * dies again and again, under the default too, there is nothing to tune. A machine that is lost under the default is
 * lost whatever is tried.
 */
export class Deaths {
  private inARow = 0;
  private underDefault = false;

  constructor(private readonly workload: string) {}

  /**
   * @param isDefault whether the window was one of the default
   * @throws TunesmithError (rejected) for the third in a row, if one of them was under the default; (guest) for a
   * machine lost under the default
   */
  count({ noFigure }: Measurement, isDefault: boolean): void {
    if (noFigure?.cause === 'lost' && isDefault)
      throw new TunesmithError('guest', `${this.workload}, under the default: ${noFigure.why}`, {
        hint: 'no setting is to blame: give the machine more memory (--memory) or the load gentler parameters (--param)',
      });
    const died = noFigure?.cause === 'died';
    this.inARow = died ? this.inARow + 1 : 0;
    this.underDefault = died && (this.underDefault || isDefault);
    if (this.inARow < MOST || !this.underDefault) return;
    throw new TunesmithError(
      'rejected',
      `${this.workload}: died in ${this.inARow} windows in a row, under the default too; in the last ${noFigure?.why}`,
      {
        hint: 'it does not run here whatever the knobs are: give it gentler parameters (--param), or more memory',
      },
    );
  }
}
