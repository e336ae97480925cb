import { statSync } from 'node:fs';
import { changeDir } from '../change/options.js';
import { basesFile, commonest } from '../change/slices.js';
import type { Change, TaskMemory } from '../change/types.js';
import { TunesmithError } from '../errors.js';
import { native } from '../native.js';
import { formatNs } from '../units.js';
import { describeScope, type Scope, scopeText, tasksIn } from './scope.js';
import type { Setting } from './setting.js';
import { allTasks, isThere, readTask, type Task, taskName, taskNamed, ticksNow } from './tasks.js';

/** SCHED_OTHER and SCHED_BATCH: the others have no slice. */
const SLICED = new Set([0, 3]);
/** Stands for the kernel's own slice. */
const OWN = 'own';

/**
 * The EEVDF slice of every task in a scope, as far as this process has to know it: which tasks were seen, what they had
 * before, which of them somebody else has set. Tasks that are neither SCHED_OTHER nor SCHED_BATCH are left out.
 */
export class SliceSetting implements Setting {
  readonly knob = 'slice_ns';
  /** The commonest slice in the scope. Each task gets its own back. */
  readonly before: number;
  /** By name, what each had: `own`, or ns. */
  private readonly seen = new Map<string, string>();
  /** Names of tasks that somebody else has set. */
  private readonly left = new Set<string>();
  private readonly tried = new Set<number>();
  private since = Number.POSITIVE_INFINITY;
  /** What is in force, ns. */
  private value: number | undefined;
  private readonly otherClass = new Set<number>();
  private readonly vanished = new Set<string>();
  private readonly notes = new Set<string>();

  /** @throws TunesmithError (incapable) when the kernel has no slices of tasks, the scope no task, or one is refused */
  constructor(
    private readonly scope: Scope,
    private readonly dir = changeDir(),
  ) {
    const { ok, reason, baseNs } = native().probeSlices();
    if (!ok) throw new TunesmithError('incapable', reason);
    const tasks = this.look();
    if (tasks.length === 0) throw this.empty('incapable');
    const isOwn = this.bases();
    this.before = commonest(tasks.map(({ sliceNs }) => (isOwn.has(sliceNs) ? baseNs : sliceNs)));
    // Now, and not after the first windows.
    for (const { task } of tasks) assertOurs(task);
  }

  prepare(): void {
    this.since = Math.min(this.since, ticksNow());
    if (this.look().length === 0) throw this.empty('rejected');
  }

  /** Of a scope of processes those that are there: a number may be another's by now. A tree goes on without its root. */
  changeScope(): string {
    const { scope } = this;
    const there = scope.kind === 'pid' ? scope.processes.filter(isThere) : [];
    if (scope.kind === 'pid') return scopeText({ ...scope, processes: there });
    if (scope.kind !== 'tree' || isThere(scope.root)) return scopeText(scope);
    return `pid:${[...new Set(this.known().map(({ pid }) => pid))].join()}`;
  }

  memory(): TaskMemory {
    return { known: this.known(), left: this.left, tried: new Set(this.tried), since: this.since };
  }

  staged(value: number, change: Change | null): void {
    this.value = value;
    this.tried.add(value);
    for (const { kind, place, before } of change?.items ?? [])
      if (kind === 'slice') this.seen.set(place, before);
  }

  ended({ items }: Change): void {
    for (const { kind, place, before, after, fate, found = '' } of items) {
      if (kind !== 'slice') continue;
      this.seen.set(place, before);
      const tid = Number(place.split(':')[0]);
      if (fate === 'foreign') this.leave(place, Number(after), Number(found));
      else if (fate === 'stuck')
        this.notes.add(`the slice of task ${tid} could not be put back to ${before}: ${found}`);
      else if (fate === 'gone' && taskNamed(place)) this.otherClass.add(tid);
      else if (fate === 'gone') this.vanished.add(place);
    }
    this.release();
  }

  release(): void {
    this.value = undefined;
  }

  read(): number {
    const tasks = this.look();
    // A service that restarts may leave its scope empty for a while; only a window that was to show a slice is void.
    if (tasks.length === 0 && this.value !== undefined) throw this.empty('rejected');
    if (tasks.length === 0) return this.before;
    // One that sleeps since the kernel's own was another shows that one; it has the present one when it runs.
    const { baseNs } = native().probeSlices();
    const isOwn = this.bases();
    return commonest(
      tasks.map(({ sliceNs }) => (sliceNs !== this.value && isOwn.has(sliceNs) ? baseNs : sliceNs)),
    );
  }

  remarks(): readonly string[] {
    const strays = this.strays();
    return [
      ...this.notes,
      ...(this.vanished.size > 0 ? [`${tasks(this.vanished.size)} of the scope ended meanwhile`] : []),
      ...(this.otherClass.size > 0
        ? [`${tasks(this.otherClass.size)} of another class than SCHED_OTHER and SCHED_BATCH left out`]
        : []),
      ...(strays.length > 0
        ? [
            `${tasks(strays.length)} started meanwhile may have inherited a slice and left the scope: ${strays.join(', ')}`,
          ]
        : []),
    ];
  }

  /** The tasks of the scope that are ours to set, with their slices; those that somebody else has set are left to them. */
  private look(): { readonly task: Task; readonly sliceNs: number }[] {
    const isOwn = this.bases();
    return [...tasksIn(this.scope, this.known())].flatMap((tid) => {
      const task = readTask(tid);
      const { ok, policy, sliceNs } = native().readSched(tid);
      if (!task || !ok || this.left.has(taskName(task))) return [];
      if (!SLICED.has(policy)) {
        this.otherClass.add(tid);
        return [];
      }
      const name = taskName(task);
      const before = this.seen.get(name);
      if (before === undefined) this.seen.set(name, this.formerOf(task, sliceNs, isOwn));
      else if (
        sliceNs !== this.value &&
        !(before === OWN ? isOwn.has(sliceNs) : String(sliceNs) === before)
      ) {
        this.leave(name, this.value ?? (before === OWN ? this.before : Number(before)), sliceNs);
        return [];
      }
      return [{ task, sliceNs }];
    });
  }

  /** One that is younger than our first change and has a slice of ours has inherited it. */
  private formerOf({ start }: Task, sliceNs: number, isOwn: ReadonlySet<number>): string {
    const inherited = start >= this.since && this.tried.has(sliceNs);
    return inherited || isOwn.has(sliceNs) ? OWN : String(sliceNs);
  }

  /** The slices that count as the kernel's own. */
  private bases(): ReadonlySet<number> {
    return new Set(native().sliceBases(basesFile(this.dir)));
  }

  private known(): Task[] {
    return [...this.seen.keys()].flatMap((name) => taskNamed(name) ?? []);
  }

  private leave(name: string, fromNs: number, toNs: number): void {
    this.left.add(name);
    this.notes.add(
      `the slice of task ${name.split(':')[0]} was changed by somebody else, from ${formatNs(fromNs)} to ${formatNs(toNs)}: left as it is`,
    );
  }

  /** Tasks that seem to have inherited a slice of ours, but left the scope's sight before they were seen. */
  private strays(): number[] {
    if (this.tried.size === 0) return [];
    return allTasks().filter((tid) => {
      const task = readTask(tid);
      return (
        task !== null &&
        task.start >= this.since &&
        !this.seen.has(taskName(task)) &&
        this.tried.has(native().readSched(tid).sliceNs)
      );
    });
  }

  private empty(code: 'incapable' | 'rejected'): TunesmithError {
    return new TunesmithError(code, `no task that could have a slice is in ${describeScope(this.scope)}`, {
      hint: 'name a scope whose tasks run as long as the tuning does',
    });
  }
}

const tasks = (count: number): string => `${count} ${count === 1 ? 'task' : 'tasks'}`;

/** CAP_SYS_NICE of include/uapi/linux/capability.h. */
const SYS_NICE = 23n;
const mayNice = (): boolean => ((native().capabilities().mask >> SYS_NICE) & 1n) === 1n;

/** @throws TunesmithError (incapable) when this process may not set the task's slice */
function assertOurs({ tid }: Task): void {
  if (mayNice() || ownerOf(tid) === process.geteuid?.()) return;
  throw new TunesmithError(
    'incapable',
    `the slice of task ${tid} may not be set: it belongs to another user, and CAP_SYS_NICE is missing`,
    { hint: 'run tunesmith as root or as the tasks’ own user, or take --scope load' },
  );
}

/** The user whose task it is; undefined when it is gone. */
function ownerOf(tid: number): number | undefined {
  return statSync(`/proc/${tid}`, { throwIfNoEntry: false })?.uid ?? process.geteuid?.();
}
