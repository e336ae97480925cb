/** A knob of this machine: what it is now, and how to set it and put it back. */
export interface Setting {
  readonly knob: string;
  /** In the knob's unit, before anything was changed. */
  readonly before: number;
  /**
   * To be called before a transaction puts a value in force: remembers what is there.
   * @throws TunesmithError (rejected) when somebody else changed it, or there is nothing to set
   */
  prepare(value: number): void;
  /** What a change of this knob is for, as changes name it; null when nothing on the machine is changed. */
  changeScope(): string | null;
  /**
   * Puts a value in force where a transaction has not; what is in force already is ours from then on.
   * @throws TunesmithError (incapable) when refused, (rejected) when somebody else changed it meanwhile
   */
  set(value: number): void;
  /** Puts back exactly what was there; what is gone or was changed by somebody else is left, and told. */
  restore(): void;
  /** What is in force, read from the kernel. @throws TunesmithError (rejected) when it is somebody else's */
  read(): number;
  /** What happened on the way that a person should know. */
  remarks(): readonly string[];
}
