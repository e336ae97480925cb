import { TunesmithError } from '../errors.js';

/** Where the kernel keeps one value: a file, or a task's attribute. */
export interface Place<T> {
  /** For people: "kernel.sched_autogroup_enabled", "task 123". */
  readonly name: string;
  /** The value in force; null when what it belongs to is gone. @throws TunesmithError (incapable) if refused */
  read(): T | null;
  /** False when what it belongs to is gone. @throws TunesmithError (incapable) if refused */
  write(value: T): boolean;
  /** Whether a value that was read is the one meant. */
  is(read: T, meant: T): boolean;
  /** For people. */
  show(value: T): string;
}

/** What came of a write: it is in force; its owner is gone; or somebody else's value was found, and left. */
export type Fate = 'done' | 'gone' | 'foreign';

/**
 * One value of the kernel's that we set and later put back. Every write is read back. A value that is neither what
 * we wrote nor what was there before is somebody else's: from then on this one is theirs and is never written again.
 */
export class Held<T> {
  /** Somebody else's value, once it was seen. */
  foreign: T | undefined;

  /**
   * @param before what to put back
   * @param ours what we are answerable for already: the value a new task has from one that we changed
   */
  constructor(
    readonly place: Place<T>,
    readonly before: T,
    public ours?: T,
  ) {}

  /** Remembers a place's value; null when it is gone. */
  static of<T>(place: Place<T>): Held<T> | null {
    const before = place.read();
    return before === null ? null : new Held(place, before);
  }

  /**
   * Sets a value and reads it back. One that is in force already is ours from now on: a transaction put it there.
   * @throws TunesmithError (incapable) when the kernel keeps another.
   */
  set(value: T): Fate {
    const now = this.place.read();
    if (this.foreign === undefined && now !== null && this.place.is(now, value)) {
      this.ours = now;
      return 'done';
    }
    const found = this.look();
    return found === 'done' ? this.write(value) : found;
  }

  /** Puts back what was there before; nothing is written where nothing was set. */
  restore(): Fate {
    if (this.ours === undefined) return 'done';
    const found = this.look();
    if (found !== 'done') return found;
    const fate = this.write(this.before);
    if (fate === 'done') this.ours = undefined;
    return fate;
  }

  /** Whether what is in force is ours to change. */
  look(): Fate {
    if (this.foreign !== undefined) return 'foreign';
    const now = this.place.read();
    if (now === null) return 'gone';
    const mine = this.ours !== undefined && this.place.is(now, this.ours);
    if (mine || this.place.is(now, this.before)) return 'done';
    this.foreign = now;
    return 'foreign';
  }

  private write(value: T): Fate {
    const { place } = this;
    if (!place.write(value)) return 'gone';
    const kept = place.read();
    if (kept === null) return 'gone';
    this.ours = kept;
    if (place.is(kept, value)) return 'done';
    throw new TunesmithError(
      'incapable',
      `${place.name}: ${place.show(value)} was written, and the kernel holds ${place.show(kept)}`,
    );
  }
}

/** "… was changed by somebody else, from 3 ms to 5 ms: left as it is". */
export const foreignText = <T>({ place, before, ours, foreign }: Held<T>): string =>
  `${place.name} was changed by somebody else, from ${place.show(ours ?? before)} to ` +
  `${foreign === undefined ? 'another value' : place.show(foreign)}: left as it is`;
