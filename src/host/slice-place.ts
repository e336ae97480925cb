import { TunesmithError } from '../errors.js';
import { native } from '../native.js';
import { formatNs } from '../units.js';
import type { Place } from './held.js';
import { isThere, type Task } from './tasks.js';

/** Stands for the kernel's own slice: a task without one of its own follows it when it changes. */
export const OWN = 0;

const SCHED_OTHER = 0;
const SCHED_BATCH = 3;

/**
 * A task's slice, ns. A task of another class counts as gone: it has none while it is there.
 * @param bases the slices the kernel was seen to give to tasks without one of their own
 */
export const slicePlace = (task: Task, bases: ReadonlySet<number>): Place<number> => ({
  name: `the slice of task ${task.tid}`,
  read() {
    const found = native().readSched(task.tid);
    // After the read: a number that went to another task in between is seen here.
    if (found.code === 'ESRCH' || !isThere(task)) return null;
    if (!found.ok) throw refused(task, found.reason);
    if (found.policy !== SCHED_OTHER && found.policy !== SCHED_BATCH) return null;
    return bases.has(found.sliceNs) ? OWN : found.sliceNs;
  },
  write(value) {
    if (!isThere(task)) return false;
    const done = native().setSlice(task.tid, value);
    if (done.ok) return true;
    // EINVAL: it went to another class after it was read.
    if (done.code === 'ESRCH' || done.code === 'EINVAL') return false;
    throw refused(task, done.reason);
  },
  is: (read, meant) => read === meant || (read === OWN && bases.has(meant)),
  show: (value) => (value === OWN ? 'the kernel’s own' : formatNs(value)),
});

const refused = ({ tid }: Task, reason: string): TunesmithError =>
  new TunesmithError('incapable', `the slice of task ${tid} may not be set: ${reason}`, {
    hint: 'run tunesmith as root or as the tasks’ own user, or take --scope load',
  });
