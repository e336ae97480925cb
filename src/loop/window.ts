import type { Rigour, Target } from '../change/target.js';
import { TargetLost, WorkloadDied } from '../workloads/died.js';
import type { Measurement, NoFigure } from '../workloads/types.js';

/**
 * One window of a target. Where the workload died, what was in force took the machine down, or it changed between the
 * window's first and last instant, the window has no figures and says why; nothing is made up in their place.
 * @throws whatever the target throws but WorkloadDied and TargetLost
 */
export async function measureWindow(target: Target, rigour: Rigour): Promise<Measurement> {
  try {
    return unlessMixed(await target.measure(rigour));
  } catch (error) {
    return { metrics: {}, distributions: {}, knobs: {}, windowNs: 0, noFigure: noFigureOf(error) };
  }
}

function noFigureOf(error: unknown): NoFigure {
  if (error instanceof WorkloadDied) return { cause: 'died', why: `the workload died: ${error.message}` };
  if (!(error instanceof TargetLost)) throw error;
  const last = error.hint === undefined ? '' : `; ${error.hint}`;
  return { cause: 'lost', why: `the machine was lost: ${error.message}${last}` };
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
