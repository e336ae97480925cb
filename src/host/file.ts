import { readFileSync } from 'node:fs';
import type { Change } from '../change/types.js';
import { messageOf, TunesmithError } from '../errors.js';
import type { Setting } from './setting.js';

/** How a knob's number is written in its file. */
export interface Notation {
  readonly toText: (value: number) => string;
  readonly fromText: (text: string) => number;
}

export const PLAIN: Notation = { toText: String, fromText: Number };

/** A knob that is one number in one file: a sysctl, a file in debugfs, a cgroup's weight. */
export class FileSetting implements Setting {
  readonly before: number;
  /** The file's text before anything was changed. */
  private readonly former: string;
  /** What a change of ours has put there. */
  private ours: string | undefined;
  private last: string | undefined;
  /** Somebody else's value, once it was seen: from then on the knob is theirs. */
  private foreign: string | undefined;
  private note: string | undefined;

  /** @throws TunesmithError (incapable) when the file cannot be read */
  constructor(
    readonly knob: string,
    private readonly path: string,
    private readonly notation: Notation = PLAIN,
    private readonly scope = 'machine',
  ) {
    const now = this.text();
    if (now === null) throw new TunesmithError('incapable', `${knob}: ${path} is not there`);
    this.former = now;
    this.before = notation.fromText(now);
  }

  prepare(): void {
    const error = this.lost();
    if (error) throw error;
  }

  changeScope(): string {
    return this.scope;
  }

  staged(value: number): void {
    this.ours = this.notation.toText(value);
    this.last = this.ours;
  }

  ended({ items }: Change): void {
    const item = items.find(({ knob, kind }) => kind === 'file' && knob === this.knob);
    if (item?.fate === 'foreign') this.foreign = item.found ?? 'another value';
    if (item?.fate === 'stuck')
      this.note = `${this.name} could not be put back to ${item.before}: ${item.found ?? 'refused'}`;
    this.release();
    const error = this.lost();
    if (error) this.note = error.message;
  }

  release(): void {
    this.ours = undefined;
  }

  read(): number {
    const error = this.lost();
    if (error) {
      // What we have not set is theirs to change: it is reported, and the run goes on.
      if (this.ours !== undefined) throw error;
      this.note = error.message;
    }
    const now = this.text();
    return now === null ? this.before : this.notation.fromText(now);
  }

  remarks(): readonly string[] {
    return this.note === undefined ? [] : [this.note];
  }

  private get name(): string {
    return `${this.knob} (${this.path})`;
  }

  /** Why the knob is not ours to change; null when it is. */
  private lost(): TunesmithError | null {
    const now = this.text();
    if (now !== null && this.foreign === undefined && now !== (this.ours ?? this.former)) this.foreign = now;
    if (now !== null && this.foreign === undefined) return null;
    const text =
      now === null
        ? `${this.name} is gone`
        : `${this.name} was changed by somebody else, from ${this.last ?? this.former} to ${this.foreign}: left as it is`;
    return new TunesmithError('rejected', text, {
      hint: 'what was measured under another value says nothing: find out who writes it, then run again',
    });
  }

  /** Null when the file is gone. */
  private text(): string | null {
    try {
      return readFileSync(this.path, 'utf8').trim();
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // A cgroup that is removed while one of its files is open answers ENODEV.
      if (code === 'ENOENT' || code === 'ENODEV') return null;
      throw new TunesmithError('incapable', `${this.name} cannot be read: ${messageOf(error)}`, {
        hint: code === 'EACCES' ? 'run tunesmith as root' : 'see tunesmith doctor',
        cause: error,
      });
    }
  }
}
