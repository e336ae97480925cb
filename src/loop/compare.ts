import type { Target } from '../change/target.js';
import type { Tuner } from '../tuners/types.js';
import type { TuneResult } from './result.js';
import { tune } from './tune.js';
import type { TuneOptions } from './types.js';

export type Rival = TuneResult['rivals'][number];

/** A tuner to run on the same case. */
export interface RivalPlan {
  readonly tuner: Tuner;
  /** Measured windows in all, the default's included. */
  readonly cycles: number;
  /** A target of its own, in its default state; it is closed afterwards. */
  readonly target: () => Promise<Target>;
}

/** The case, and how many rivals may run at once (each on its own target). */
export interface CompareOptions extends Omit<TuneOptions, 'tuner' | 'cycles' | 'target' | 'onCycle'> {
  readonly parallel?: number | undefined;
  readonly onRival?: ((rival: Rival) => void) | undefined;
}

/**
 * Runs other tuners on a case through the same loop, for a table: random with the same budget, the grid as
 * oracle. Rows come in the order of the plans; a rival without a figure, or cut short by the signal, has none.
 */
export async function compare(
  plans: readonly RivalPlan[],
  options: CompareOptions,
): Promise<readonly Rival[]> {
  const rows: (Rival | null)[] = plans.map(() => null);
  const waiting = plans.map((plan, index) => ({ plan, index }));
  let failure: { readonly error: unknown } | undefined;
  const worker = async (): Promise<void> => {
    for (let job = waiting.shift(); job && !failure && !options.signal?.aborted; job = waiting.shift()) {
      const row = await runRival(job.plan, options);
      rows[job.index] = row;
      if (row) options.onRival?.(row);
    }
  };
  const fail = (error: unknown): void => {
    failure ??= { error };
  };
  // All workers end before an error surfaces, so that no target is left running behind the caller's back.
  await Promise.all(Array.from({ length: Math.max(1, options.parallel ?? 1) }, () => worker().catch(fail)));
  if (failure) throw failure.error;
  return rows.filter((row) => row !== null);
}

async function runRival(plan: RivalPlan, options: CompareOptions): Promise<Rival | null> {
  const target = await plan.target();
  try {
    const { best, referee, cycles, interrupted } = await tune({ ...options, ...plan, target });
    if (interrupted || best.objective === null) return null;
    return {
      name: plan.tuner.name,
      values: { ...best.values },
      objective: best.objective,
      refereeObjective: referee?.best.objective ?? null,
      trials: cycles.filter(({ measurement }) => measurement !== null).length,
    };
  } finally {
    await target.close();
  }
}
