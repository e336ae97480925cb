import { join } from 'node:path';
import { TunesmithError, usageError } from '../errors.js';
import { cgroupsOf } from '../host/cgroup.js';
import { describeScope, tasksIn } from '../host/scope.js';
import { readTask, type Task, taskName } from '../host/tasks.js';
import { native } from '../native.js';
import type { PlanContext } from './plan-context.js';
import type { ChangeScope } from './scope.js';
import type { Item, TaskMemory } from './types.js';

/** More do not go into one packet to the deadman. */
const MOST_TASKS = 4000;
const OTHER_AND_BATCH = new Set([0, 3]);

export interface SliceItems {
  readonly items: readonly Item[];
  /** The commonest, ns. */
  readonly before: number;
  readonly claims: readonly string[];
  readonly touches: readonly string[];
  /** The scope for the deadman, which sets the tasks that come to it meanwhile and puts back what took a slice along. */
  readonly lines: string;
}

/** Where the slices are kept that the kernel was seen to give in this boot; the deadman has the same file. */
export const basesFile = (dir: string): string => join(dir, 'bases');

/**
 * The slices of the tasks that are in a scope now. What these start later inherits, and is put back with them.
 * @throws TunesmithError (usage) without tasks to name, (incapable) where the kernel has no slices of tasks, or there
 * is no task, or there are too many
 */
export function sliceItems(sliceNs: number, scope: ChangeScope, context: PlanContext): SliceItems {
  if (scope.kind === 'machine')
    throw usageError(
      'scope',
      'machine',
      'does not go with slice_ns, which tasks have',
      'name tasks or a cgroup, or take base_slice_ns',
    );
  const { ok, reason, baseNs } = native().probeSlices();
  if (!ok) throw new TunesmithError('incapable', reason);
  const own = ownSlices(context);
  const { tasks } = context;
  const found = [...tasksIn(scope, tasks?.known)].flatMap((tid) => slicedTask(tid, own, tasks) ?? []);
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
  const claims = [
    ...found.map(({ task }) => taskClaim(taskName(task))),
    // Whoever comes to the cgroup is set, too: another change may not have those meanwhile.
    ...(scope.kind === 'cgroup' ? [groupClaim(scope.cgroup.path)] : []),
  ];
  const above = new Set(found.flatMap(({ task }) => [...ancestors(task), ...groups(task)]));
  return {
    items: found.map(({ task, before }) => ({
      knob: 'slice_ns',
      kind: 'slice',
      place: taskName(task),
      before: before === null ? 'own' : String(before),
      after: String(sliceNs),
    })),
    before: commonest(found.map(({ before }) => before ?? baseNs)),
    claims,
    // A child of a task whose slice is staged has that slice: it must not be taken for the child's own.
    touches: [...claims, ...above],
    lines: linesOf(scope, tasks),
  };
}

/** @param name `TID:START` */
export const taskClaim = (name: string): string => `task:${name}`;
const groupClaim = (path: string): string => `tasks of cgroup:${path}`;

/** Whether a task's slice is the kernel's own. A value that a committed change of ours gave it is not, whatever it is. */
function ownSlices({ dir, journal }: PlanContext): (task: Task, sliceNs: number) => boolean {
  const bases = new Set(native().sliceBases(basesFile(dir)));
  const committed = new Map<string, string>();
  for (const { items } of journal.inStates(['committed']).toReversed())
    for (const { kind, place, after } of JSON.parse(items) as Item[])
      if (kind === 'slice') committed.set(place, after);
  return (task, sliceNs) => bases.has(sliceNs) && committed.get(taskName(task)) !== String(sliceNs);
}

/** `before` is null for a task that has the kernel's slice. */
function slicedTask(
  tid: number,
  isOwn: (task: Task, sliceNs: number) => boolean,
  memory: TaskMemory | undefined,
): { task: Task; before: number | null } | null {
  const task = readTask(tid);
  const now = native().readSched(tid);
  if (!task || !now.ok || !OTHER_AND_BATCH.has(now.policy) || memory?.left.has(taskName(task))) return null;
  const inherited = memory?.tried.has(now.sliceNs) && task.start >= memory.since;
  return { task, before: inherited || isOwn(task, now.sliceNs) ? null : now.sliceNs };
}

function linesOf(scope: Exclude<ChangeScope, { kind: 'machine' }>, memory: TaskMemory | undefined): string {
  const left = [...(memory?.left ?? [])].map((name) => `-\t${name}\n`).join('');
  if (scope.kind === 'cgroup') return `@\tcgroup\t${scope.cgroup.dir}\n${left}`;
  const tasks = scope.kind === 'tree' ? [scope.root] : scope.processes;
  return `@\t${scope.kind}\t${tasks.map(taskName).join('\t')}\n${left}`;
}

function ancestors(task: Task): string[] {
  const found: string[] = [];
  let next = task.pid === task.tid ? task.parent : task.pid;
  while (next > 0) {
    const above = readTask(next);
    if (!above) break;
    found.push(taskClaim(taskName(above)));
    next = above.parent;
  }
  return found;
}

/** The cgroups a process is in, and those above. */
const groups = (task: Task): string[] => (task.tid === task.pid ? cgroupsOf(task.pid).map(groupClaim) : []);

/** Of at least one number. */
export function commonest(values: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].reduce((most, entry) => (entry[1] > most[1] ? entry : most))[0];
}
