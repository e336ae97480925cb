import type { Rigour, Target } from '../change/target.js';
import { WorkloadDied } from '../workloads/died.js';
import type { Measurement, NoFigure } from '../workloads/types.js';

/**
 * One window of a target. Where the workload died, or what was in force changed between the window's first and last
 * instant, it has no figures and says why; nothing is made up in their place.
 * @throws whatever the target throws but WorkloadDied
 */
export async function measureWindow(target: Target, rigour: Rigour): Promise<Measurement> {
  try {
    return unlessMixed(await target.measure(rigour));
  } catch (error) {
    if (!(error instanceof WorkloadDied)) throw error;
    const noFigure: NoFigure = { cause: 'died', why: `the workload died: ${error.message}` };
    return { metrics: {}, distributions: {}, knobs: {}, windowNs: 0, noFigure };
  }
}

function unlessMixed(window: Measurement): Measurement {
  const { inForce, noFigure } = window;
  if (noFigure || !inForce || inForce.first === inForce.last) return window;
  const why = 'mixed: what was in force at the end of the window is not what was at its beginning';
  return { ...window, metrics: {}, distributions: {}, noFigure: { cause: 'mixed', why } };
}

/** The windows that have figures. */
export const whole = (windows: readonly Measurement[]): readonly Measurement[] =>
  windows.filter(({ noFigure }) => noFigure === undefined);
