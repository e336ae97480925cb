import { usageError } from '../../errors.js';
import { objectiveOf } from '../../loop/objective.js';
import { nearHint } from '../../near.js';
import type { Case } from '../../synthesis/types.js';
import { workloadByName } from '../../workloads/index.js';

const KERNEL = 'scx';
const WORKLOADS = ['wakeup', 'mixed', 'hackbench', 'pgbench', 'forkstorm'] as const;
const CPUS = [2, 4] as const;

/** The cases of the table: every load on two machines. */
export const CASES: readonly string[] = WORKLOADS.flatMap((workload) =>
  CPUS.map((cpus) => `${workload}/${cpus}`),
);

/** A case by its name, such as `wakeup/2`. */
export function caseOf(name: string): Case {
  const [workload = '', cpus = ''] = name.split('/');
  const objective = objectiveOf(workloadByName(workload));
  return { workload, parameters: {}, cpus: Number(cpus), kernel: KERNEL, objective };
}

/** @throws TunesmithError (usage) naming the case there is not. */
export function chosenCases(list: string | undefined): readonly string[] {
  const names = list === undefined ? CASES : list.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !CASES.includes(name));
  if (unknown !== undefined) throw usageError('--cases', unknown, 'is no case', nearHint(unknown, CASES));
  return names;
}
