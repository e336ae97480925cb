import type { Change, TaskMemory } from '../change/types.js';

/**
 * A knob of this machine: what it is now, and what a change made of it. Reads only: what is set is staged as a change,
 * and its deadman alone writes it and puts it back.
 */
export interface Setting {
  readonly knob: string;
  /** In the knob's unit, before anything was changed. */
  readonly before: number;
  /**
   * To be called before a change of it is staged.
   * @throws TunesmithError (rejected) when somebody else changed it, or there is nothing to set
   */
  prepare(): void;
  /** What a change of this knob is for, as changes name it; null when nothing on the machine is changed. */
  changeScope(): string | null;
  /** What a change is to know of the scope's tasks; of a knob that tasks have. */
  memory?(): TaskMemory;
  /** A value is in force from now on. @param change what put it there; null when nothing on the machine was changed */
  staged(value: number, change: Change | null): void;
  /** The change is over: what became of its values. */
  ended(change: Change): void;
  /** Nothing is set any more. */
  release(): void;
  /** What is in force, read from the kernel. @throws TunesmithError (rejected) when it is somebody else's */
  read(): number;
  /** What happened on the way that a person should know. */
  remarks(): readonly string[];
}
