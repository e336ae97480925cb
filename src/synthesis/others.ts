import { objectiveOf } from '../loop/objective.js';
import { resolveParameters, workloadByName } from '../workloads/index.js';
import type { Case } from './types.js';

/** What winners are held to: waking, fairness beside hogs, short processes. The first two that are not searched for. */
const HELD_OUT = ['wakeup', 'mixed', 'forkstorm'] as const;
/** Messages among many tasks show at once what a policy pays for its wake-ups. */
const VALIDATION = ['hackbench', 'forkstorm'] as const;

const casesOn =
  ({ cpus, kernel }: Case) =>
  (name: string): Case => {
    const workload = workloadByName(name);
    const parameters = resolveParameters(workload, {});
    return { workload: name, parameters, cpus, kernel, objective: objectiveOf(workload) };
  };

const heldOutNames = ({ workload }: Case): string[] =>
  HELD_OUT.filter((name) => name !== workload).slice(0, 2);

/** Two workloads that a search for `where` never sees, each with its own objective: for the referee alone. */
export const heldOutCases = (where: Case): Case[] => heldOutNames(where).map(casesOn(where));

/** The workload on which a search for `where` looks how its best do elsewhere: neither its own nor held out. */
export function validationCase(where: Case): Case {
  const taken = [where.workload, ...heldOutNames(where)];
  return casesOn(where)(VALIDATION.find((name) => !taken.includes(name)) as string);
}
