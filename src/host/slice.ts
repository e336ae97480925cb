import { TunesmithError } from '../errors.js';
import { native } from '../native.js';
import { type Fate, foreignText } from './held.js';
import { describeScope, type Scope, scopeText } from './scope.js';
import type { Setting } from './setting.js';
import { type Entry, SliceBook } from './slice-book.js';
import { OWN } from './slice-place.js';
import { isThere } from './tasks.js';

/** Looks after which tasks still appear: all that could start one are set by then, so the rest inherit. */
const MOST_LOOKS = 20;

/**
 * The EEVDF slice of every task in a scope. Tasks started later inherit it from those that were set; tasks that
 * join the scope are set with the next value. Tasks that are neither SCHED_OTHER nor SCHED_BATCH are left out.
 */
export class SliceSetting implements Setting {
  readonly knob = 'slice_ns';
  /** The commonest slice in the scope. Each task gets its own back. */
  readonly before: number;
  private readonly book: SliceBook;
  private isSet = false;
  private vanished = 0;
  private readonly foreign = new Set<string>();

  /** @throws TunesmithError (incapable) when the kernel has no slices of tasks, the scope no task, or one is refused */
  constructor(private readonly scope: Scope) {
    const { ok, reason, baseNs } = native().probeSlices();
    if (!ok) throw new TunesmithError('incapable', reason);
    this.book = new SliceBook(scope);
    const entries = this.book.look();
    if (entries.length === 0) throw this.empty('incapable');
    this.before = commonest(entries.map(({ held }) => (held.before === OWN ? baseNs : held.before)));
    // Writing what is there changes nothing, and tells now and not after the first windows whether we may.
    for (const { task, held } of entries) held.place.write(native().readSched(task.tid).sliceNs);
  }

  prepare(value: number): void {
    this.book.tries(value);
    if (this.book.look().length === 0) throw this.empty('rejected');
  }

  /** The scope, without processes that have a task which somebody else has set. */
  changeScope(): string | null {
    const entries = this.book.look();
    const theirs = new Set(
      entries.filter(({ held }) => held.look() === 'foreign').map(({ task }) => task.pid),
    );
    if (theirs.size === 0) return scopeText(this.scope);
    const ours = new Set(entries.map(({ task }) => task.pid).filter((pid) => !theirs.has(pid)));
    return ours.size === 0 ? null : `pid:${[...ours].join(',')}`;
  }

  set(value: number): void {
    this.book.tries(value);
    const inForce = this.untilStable(
      () => this.book.look(),
      ({ held }) => held.set(value),
    );
    if (inForce === 0) throw this.empty('rejected');
    this.isSet = true;
  }

  restore(): void {
    this.isSet = false;
    this.untilStable(
      () => this.book.answerableFor(),
      ({ held }) => held.restore(),
    );
  }

  read(): number {
    const fair = this.book.look().filter((entry) => this.tally(entry, entry.held.look()) === 'done');
    // A service that restarts may leave its scope empty for a while; only a window that was to show a slice is void.
    if (fair.length === 0 && this.isSet) throw this.empty('rejected');
    return fair.length === 0
      ? this.before
      : commonest(fair.map(({ task }) => native().readSched(task.tid).sliceNs));
  }

  remarks(): readonly string[] {
    const strays = this.book.strays();
    const { leftOut } = this.book;
    return [
      ...this.foreign,
      ...(this.vanished > 0 ? [`${tasks(this.vanished)} of the scope ended meanwhile`] : []),
      ...(leftOut > 0
        ? [`${tasks(leftOut)} of another class than SCHED_OTHER and SCHED_BATCH left out`]
        : []),
      ...(strays.length > 0
        ? [
            `${tasks(strays.length)} started meanwhile may have inherited a slice and left the scope: ${strays.join(', ')}`,
          ]
        : []),
    ];
  }

  /** Acts on each entry once, looking again until none is new; counts those done. @throws the first failure */
  private untilStable(find: () => Entry[], act: (entry: Entry) => Fate): number {
    const seen = new Set<Entry>();
    let failure: { readonly error: unknown } | undefined;
    let done = 0;
    for (let looks = 0; looks < MOST_LOOKS; looks++) {
      const fresh = find().filter((entry) => !seen.has(entry));
      if (fresh.length === 0) break;
      for (const entry of fresh) {
        seen.add(entry);
        try {
          if (this.tally(entry, act(entry)) === 'done') done += 1;
        } catch (error) {
          failure ??= { error };
        }
      }
    }
    if (failure) throw failure.error;
    return done;
  }

  private tally(entry: Entry, fate: Fate): Fate {
    if (fate === 'foreign') this.foreign.add(foreignText(entry.held));
    if (fate !== 'gone') return fate;
    if (isThere(entry.task)) this.book.leaveOut(entry);
    else {
      this.vanished += 1;
      this.book.forget(entry);
    }
    return fate;
  }

  private empty(code: 'incapable' | 'rejected'): TunesmithError {
    return new TunesmithError(code, `no task that could have a slice is in ${describeScope(this.scope)}`, {
      hint: 'name a scope whose tasks run as long as the tuning does',
    });
  }
}

const tasks = (count: number): string => `${count} ${count === 1 ? 'task' : 'tasks'}`;

/** The commonest of at least one number. */
function commonest(values: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].reduce((most, entry) => (entry[1] > most[1] ? entry : most))[0];
}
