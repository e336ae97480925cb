import type { Lab } from '../../lab/lab.js';
import { type PreparedTrial, prepareTrial } from '../../lab/prepare.js';

/** One row of the lab's table: what was measured against its bar. */
export interface Figure {
  readonly name: string;
  readonly bar: string;
  readonly value: string;
  readonly met: boolean;
}

export const MAX_BENCH_SEED = 60;

/** CPU counts whose exactness is shown. */
export const CPU_COUNTS = [1, 2, 4, 8] as const;

/** A case on the EEVDF kernel with its snapshot made. */
export const prepared = (
  lab: Lab,
  workload: string,
  cpus: number,
  windowNs?: number,
): Promise<PreparedTrial> =>
  prepareTrial(lab, {
    kernel: 'eevdf',
    workload,
    cpus,
    seed: 1,
    ...(windowNs === undefined ? {} : { windowNs }),
  });
