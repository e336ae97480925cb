import { native } from '../native.js';
import { Held } from './held.js';
import { type Scope, tasksIn, threadsBelow } from './scope.js';
import { OWN, slicePlace } from './slice-place.js';
import { allTasks, readTask, type Task, ticksNow } from './tasks.js';

export interface Entry {
  readonly task: Task;
  readonly held: Held<number>;
}

/** Which tasks have been found, and what their slices were before. */
export class SliceBook {
  /** Every slice the kernel was seen to give to tasks without one of their own. */
  private readonly bases = new Set<number>();
  private readonly entries = new Map<number, Entry>();
  /** What was set so far, and since when: a younger task that has one of these has inherited it. */
  private readonly tried = new Set<number>();
  private since = Number.POSITIVE_INFINITY;
  private readonly otherClass = new Set<number>();

  constructor(private readonly scope: Scope) {}

  /** To be told before a value is set for the first time. */
  tries(value: number): void {
    this.since = Math.min(this.since, ticksNow());
    this.tried.add(value);
  }

  /** The tasks in the scope now; those not seen before are remembered as they are. */
  look(): Entry[] {
    this.bases.add(native().probeSlices().baseNs);
    const known = [...this.entries.values()].map(({ task }) => task);
    return this.entriesOf(tasksIn(this.scope, known));
  }

  /** Everything that has a slice of ours: tasks that were set, those in the scope or not that inherited one. */
  answerableFor(): Entry[] {
    this.look();
    const known = [...this.entries.values()].map(({ task }) => task);
    this.entriesOf(this.heirsAmong(threadsBelow(known)));
    return [...this.entries.values()].filter(
      ({ held }) => held.ours !== undefined && held.foreign === undefined,
    );
  }

  /** Tasks that seem to have inherited a slice of ours, but left the scope's sight before they were seen. */
  strays(): number[] {
    return this.tried.size === 0 ? [] : this.heirsAmong(allTasks());
  }

  forget({ task }: Entry): void {
    this.entries.delete(task.tid);
  }

  /** A task that went to another class: it keeps what it has, which counts for nothing there. */
  leaveOut({ task }: Entry): void {
    this.otherClass.add(task.tid);
  }

  /** Tasks left out because they are neither SCHED_OTHER nor SCHED_BATCH. */
  get leftOut(): number {
    return this.otherClass.size;
  }

  private entriesOf(tids: Iterable<number>): Entry[] {
    return [...tids].map((tid) => this.entryOf(tid)).filter((entry) => entry !== null);
  }

  private entryOf(tid: number): Entry | null {
    const task = readTask(tid);
    if (!task) return null;
    const known = this.entries.get(tid);
    if (known?.task.start === task.start) return known;
    const place = slicePlace(task, this.bases);
    const now = place.read();
    if (now === null) {
      if (readTask(tid)) this.otherClass.add(tid);
      return null;
    }
    const held = this.inherits(task, now) ? new Held(place, this.origin(task), now) : new Held(place, now);
    const entry = { task, held };
    this.entries.set(tid, entry);
    return entry;
  }

  private heirsAmong(tids: Iterable<number>): number[] {
    return [...tids].filter((tid) => {
      const task = readTask(tid);
      return (
        task &&
        this.entries.get(tid)?.task.start !== task.start &&
        this.inherits(task, native().readSched(tid).sliceNs)
      );
    });
  }

  private inherits({ start }: Task, sliceNs: number): boolean {
    return start >= this.since && this.tried.has(sliceNs);
  }

  /** What a task that inherited a slice of ours would have had: what its process or its parent had before. */
  private origin({ pid, parent }: Task): number {
    return (this.entries.get(pid) ?? this.entries.get(parent))?.held.before ?? OWN;
  }
}
