import { usageError } from '../errors.js';
import { nearHint } from '../near.js';
import { forkstorm } from './forkstorm.js';
import { hackbench } from './hackbench.js';
import { idle } from './idle.js';
import { mixed } from './mixed.js';
import { pgbench } from './pgbench.js';
import { stressors } from './stressors.js';
import type { Workload } from './types.js';
import { wakeup } from './wakeup.js';

/** Every workload, by name. */
export const WORKLOADS: Readonly<Record<string, Workload>> = {
  wakeup,
  mixed,
  hackbench,
  forkstorm,
  stressors,
  pgbench,
  idle,
};

/** @throws TunesmithError (usage) with the near names when there is none of that name. */
export function workloadByName(name: string): Workload {
  const workload = Object.hasOwn(WORKLOADS, name) ? WORKLOADS[name] : undefined;
  if (!workload) throw usageError('--workload', name, 'is not known', nearHint(name, Object.keys(WORKLOADS)));
  return workload;
}

/**
 * All parameters of a workload: its defaults with `overrides` on top.
 * @throws TunesmithError (usage) naming --param, the value and the range.
 */
export function resolveParameters(
  workload: Workload,
  overrides: Readonly<Record<string, number>>,
): Record<string, number> {
  const known = workload.parameters;
  for (const [name, value] of Object.entries(overrides)) {
    const parameter = Object.hasOwn(known, name) ? known[name] : undefined;
    if (!parameter)
      throw usageError(
        '--param',
        name,
        `is no parameter of ${workload.name}`,
        nearHint(name, Object.keys(known)),
      );
    if (!Number.isSafeInteger(value) || value < parameter.min || value > parameter.max)
      throw usageError(
        `--param ${name}`,
        value,
        `must be a whole number from ${parameter.min} to ${parameter.max} (${parameter.unit})`,
        parameter.meaning,
      );
  }
  return Object.fromEntries(
    Object.entries(known).map(([name, { default: value }]) => [name, overrides[name] ?? value]),
  );
}
