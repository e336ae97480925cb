import { TunesmithError, usageError } from '../errors.js';
import { describeScope, tasksIn } from '../host/scope.js';
import { readTask, type Task } from '../host/tasks.js';
import { native } from '../native.js';
import type { ChangeScope } from './scope.js';
import type { Item } from './types.js';

/** More do not go into one packet to the deadman. */
const MOST_TASKS = 4000;
const OTHER_AND_BATCH = new Set([0, 3]);

export interface SliceItems {
  readonly items: readonly Item[];
  /** The commonest, ns. */
  readonly before: number;
  readonly claims: readonly string[];
  readonly touches: readonly string[];
}

/**
 * The slices of the tasks that are in a scope now. What these start later inherits, and is put back with them.
 * @throws TunesmithError (usage) without tasks to name, (incapable) where the kernel has no slices of tasks, or there
 * is no task, or there are too many
 */
export function sliceItems(sliceNs: number, scope: ChangeScope): SliceItems {
  if (scope.kind === 'machine')
    throw usageError(
      'scope',
      'machine',
      'does not go with slice_ns, which tasks have',
      'name tasks or a cgroup, or take base_slice_ns',
    );
  const { ok, reason, baseNs } = native().probeSlices();
  if (!ok) throw new TunesmithError('incapable', reason);
  const found = [...tasksIn(scope)].flatMap((tid) => slicedTask(tid, baseNs) ?? []);
  if (found.length === 0)
    throw new TunesmithError('incapable', `no task that could have a slice is in ${describeScope(scope)}`);
  if (found.length > MOST_TASKS)
    throw new TunesmithError(
      'incapable',
      `${describeScope(scope)} has ${found.length} tasks, more than ${MOST_TASKS}`,
      {
        hint: 'take a smaller scope',
      },
    );
  const claims = found.map(({ task }) => claimOf(task));
  const above = new Set(found.flatMap(({ task }) => ancestors(task)));
  return {
    items: found.map(({ task, before }) => ({
      knob: 'slice_ns',
      kind: 'slice',
      place: `${task.tid}:${task.start}`,
      before: before === null ? 'own' : String(before),
      after: String(sliceNs),
    })),
    before: commonest(found.map(({ before }) => before ?? baseNs)),
    claims,
    // A child of a task whose slice is staged has that slice: it must not be taken for the child's own.
    touches: [...claims, ...above],
  };
}

const claimOf = ({ tid, start }: Task): string => `task:${tid}:${start}`;

/** `before` is null for a task that has the kernel's slice. */
function slicedTask(tid: number, baseNs: number): { task: Task; before: number | null } | null {
  const task = readTask(tid);
  const now = native().readSched(tid);
  if (!task || !now.ok || !OTHER_AND_BATCH.has(now.policy)) return null;
  return { task, before: now.sliceNs === baseNs ? null : now.sliceNs };
}

function ancestors(task: Task): string[] {
  const found: string[] = [];
  let next = task.pid === task.tid ? task.parent : task.pid;
  while (next > 0) {
    const above = readTask(next);
    if (!above) break;
    found.push(claimOf(above));
    next = above.parent;
  }
  return found;
}

/** Of at least one number. */
function commonest(values: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].reduce((most, entry) => (entry[1] > most[1] ? entry : most))[0];
}
