import { usageError } from '../errors.js';
import { nearHint } from '../near.js';
import type { Objective } from '../tuners/types.js';
import type { Metrics, Workload } from '../workloads/types.js';
import type { NamedObjective } from './types.js';

/**
 * A workload's own objective, or another of its metrics.
 * @throws TunesmithError (usage) for an unknown metric (with near ones) or one that has no better direction
 */
export function objectiveOf(workload: Workload, name = workload.objective): NamedObjective {
  const metric = Object.hasOwn(workload.metrics, name) ? workload.metrics[name] : undefined;
  if (!metric)
    throw usageError('objective', name, 'is not known', nearHint(name, Object.keys(workload.metrics)));
  const { direction, unit, meaning, resolution } = metric;
  if (direction === 'none') {
    const good = Object.entries(workload.metrics).flatMap(([other, metric]) =>
      metric.direction === 'none' ? [] : [other],
    );
    const whose = name === workload.objective ? `, and ${workload.name} has no other of its own` : '';
    throw usageError(
      'objective',
      name,
      `explains and is not to be improved: neither way is better${whose}`,
      `name one with --objective: ${good.join(', ')}`,
    );
  }
  return { metric: name, direction, unit, meaning, resolution };
}

/** The objective's figure in a window; null when the window has none or it is no number. */
export function figureIn(metrics: Metrics, { metric }: Objective): number | null {
  const figure = metrics[metric];
  return figure !== undefined && Number.isFinite(figure) ? figure : null;
}

/** Relative improvement from `before` to `after`, a share, positive is better; null when it cannot be said. */
export function gainOf({ direction }: Objective, before: number | null, after: number | null): number | null {
  if (before === null || after === null || before === 0) return null;
  const change = (after - before) / Math.abs(before);
  return direction === 'lower' ? 0 - change : change;
}

/** Whether `figure` is strictly better than `than`; anything is better than no figure. */
export function isBetter({ direction }: Objective, figure: number, than: number | null): boolean {
  if (than === null) return true;
  return direction === 'lower' ? figure < than : figure > than;
}
