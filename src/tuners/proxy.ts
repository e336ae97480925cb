import { WORKLOADS } from '../workloads/index.js';
import type { TuningContext } from './types.js';

/**
 * Whether a proxy is tuned: another metric than the workload's own objective, or a workload nobody here knows. Then
 * the application's figures are hidden, as if it had none: no value, no comparison and no note about them may reach
 * a prompt, nor may they tell that the load changed (where they did, a "system-only" tuner had been told the ranking
 * it should not know: TuxBot's runs).
 */
export function isProxy({ workload, objective }: TuningContext): boolean {
  const known = Object.hasOwn(WORKLOADS, workload) ? WORKLOADS[workload] : undefined;
  return known?.objective !== objective.metric;
}
