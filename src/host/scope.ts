import { usageError } from '../errors.js';
import { type Cgroup, cgroupTasks, findCgroup } from './cgroup.js';
import { readText } from './probes/files.js';
import { isThere, ownProcesses, readTask, type Task, threadsOf, withDescendants } from './tasks.js';

/**
 * Whose tasks a change is for: the load this program starts, processes with all their threads, a process and its
 * descendants, or a cgroup with those below it.
 */
export type Scope =
  | { readonly kind: 'load' }
  | { readonly kind: 'pid'; readonly processes: readonly Task[] }
  | { readonly kind: 'tree'; readonly root: Task }
  | { readonly kind: 'cgroup'; readonly cgroup: Cgroup };

const FORMS = 'load, pid:N[,N…], tree:PID or cgroup:/PATH';

/**
 * A scope from `--scope` text, checked against this machine. Whether it may be tuned is `assertOrdinary`'s to say.
 * @throws TunesmithError (usage) for another form, a process that is not there, a cgroup that is not there
 */
export function parseScope(text: string): Scope {
  if (text === 'load') return { kind: 'load' };
  const [, kind, rest = ''] = /^(pid|tree|cgroup):(.*)$/s.exec(text) ?? [];
  if (kind === 'cgroup') return { kind, cgroup: findCgroup(rest) };
  if (kind === 'tree') return { kind, root: processFrom(rest, text) };
  if (kind === 'pid') {
    const processes = rest.split(',').map((pid) => processFrom(pid, text));
    const once = new Map(processes.map((task) => [task.pid, task]));
    return { kind, processes: [...once.values()].sort((a, b) => a.pid - b.pid) };
  }
  throw usageError('--scope', text, 'is no scope', `use ${FORMS}`);
}

function processFrom(text: string, whole: string): Task {
  if (!/^[1-9]\d{0,9}$/.test(text)) throw usageError('--scope', whole, 'is no scope', `use ${FORMS}`);
  const task = readTask(Number(text));
  if (!task) throw usageError('--scope', whole, `names process ${text}, which is not there`);
  if (task.pid === task.tid) return task;
  throw usageError(
    '--scope',
    whole,
    `names thread ${text}`,
    `name its process, ${task.pid}: all its threads`,
  );
}

/** A scope as `parseScope` and changes take it. */
export function scopeText(scope: Scope): string {
  if (scope.kind === 'cgroup') return `cgroup:${scope.cgroup.path}`;
  if (scope.kind === 'tree') return `tree:${scope.root.pid}`;
  return scope.kind === 'pid' ? `pid:${scope.processes.map(({ pid }) => pid).join(',')}` : 'load';
}

/** What runs in a scope, by the names its processes have, or the cgroup's path; undefined for the load. */
export function serviceOf(scope: Scope): string | undefined {
  if (scope.kind === 'load') return undefined;
  if (scope.kind === 'cgroup') return scope.cgroup.path;
  const pids = scope.kind === 'tree' ? [scope.root.pid] : scope.processes.map(({ pid }) => pid);
  const names = pids.flatMap((pid) => readText(`/proc/${pid}/comm`)?.trim() || []);
  return [...new Set(names)].slice(0, 5).join(', ') || undefined;
}

/** "the load", "process 12", "process 12 and its descendants", "cgroup /a". */
export function describeScope(scope: Scope): string {
  if (scope.kind === 'load') return 'the load';
  if (scope.kind === 'cgroup') return `cgroup ${scope.cgroup.path}`;
  if (scope.kind === 'tree') return `process ${scope.root.pid} and its descendants`;
  const pids = scope.processes.map(({ pid }) => pid).join(', ');
  return `${scope.processes.length === 1 ? 'process' : 'processes'} ${pids}`;
}

/**
 * The tasks in a scope now, by number. The load's are its own business: none. Tunesmith's own processes are in no tree
 * and in no cgroup.
 * @param known tasks found earlier: a tree's stay in it, with what they start, when their parent has ended
 */
export function tasksIn(scope: Scope, known: Iterable<Task> = []): Set<number> {
  const tasks = everyTaskIn(scope, known);
  if (scope.kind === 'pid' || tasks.size === 0) return tasks;
  const ours = new Set([...ownProcesses()].flatMap(threadsOf));
  return new Set([...tasks].filter((tid) => !ours.has(tid)));
}

/** `tasksIn` with Tunesmith's own. */
export function everyTaskIn(scope: Scope, known: Iterable<Task> = []): Set<number> {
  if (scope.kind === 'load') return new Set();
  if (scope.kind === 'cgroup') return new Set(cgroupTasks(scope.cgroup));
  if (scope.kind === 'pid')
    return new Set(scope.processes.filter(isThere).flatMap(({ pid }) => threadsOf(pid)));
  return threadsBelow([scope.root, ...known]);
}

/** The tasks of processes and of all their descendants, as far as they are there. */
export function threadsBelow(tasks: Iterable<Task>): Set<number> {
  const roots = [...tasks].filter(isThere).map(({ pid }) => pid);
  return new Set([...withDescendants(roots)].flatMap(threadsOf));
}
