import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { messageOf, TunesmithError } from '../errors.js';
import { foreignText, Held, type Place } from './held.js';
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
  private readonly held: Held<string>;
  private note: string | undefined;

  /** @throws TunesmithError (incapable) when the file cannot be read */
  constructor(
    readonly knob: string,
    path: string,
    private readonly notation: Notation = PLAIN,
    private readonly scope = 'machine',
  ) {
    const held = Held.of(filePlace(`${knob} (${path})`, path));
    if (!held) throw new TunesmithError('incapable', `${knob}: ${path} is not there`);
    this.held = held;
    this.before = notation.fromText(held.before);
  }

  prepare(): void {
    const fate = this.held.look();
    if (fate !== 'done') throw this.lost(fate);
  }

  changeScope(): string {
    return this.scope;
  }

  set(value: number): void {
    const fate = this.held.set(this.notation.toText(value));
    if (fate !== 'done') throw this.lost(fate);
  }

  restore(): void {
    const fate = this.held.restore();
    if (fate !== 'done') this.note = this.lost(fate).message;
  }

  read(): number {
    const fate = this.held.look();
    if (fate !== 'done') {
      const error = this.lost(fate);
      // What we have not set is theirs to change: it is told, and the run goes on.
      if (this.held.ours !== undefined) throw error;
      this.note = error.message;
    }
    const now = this.held.place.read();
    return now === null ? this.before : this.notation.fromText(now);
  }

  remarks(): readonly string[] {
    return this.note === undefined ? [] : [this.note];
  }

  private lost(fate: 'gone' | 'foreign'): TunesmithError {
    const text = fate === 'gone' ? `${this.held.place.name} is gone` : foreignText(this.held);
    return new TunesmithError('rejected', text, {
      hint: 'what was measured under another value says nothing: find out who writes it, then run again',
    });
  }
}

/** A file that holds one value, trimmed. */
function filePlace(name: string, path: string): Place<string> {
  const unlessGone = <T>(what: string, act: () => T): T | null => {
    try {
      return act();
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // A cgroup that is removed while one of its files is open answers ENODEV.
      if (code === 'ENOENT' || code === 'ENODEV') return null;
      throw new TunesmithError('incapable', `${name} cannot be ${what}: ${messageOf(error)}`, {
        hint: code === 'EACCES' ? 'run tunesmith as root' : 'see tunesmith doctor',
        cause: error,
      });
    }
  };
  return {
    name,
    read: () => unlessGone('read', () => readFileSync(path, 'utf8').trim()),
    write: (value) => unlessGone('written', () => overwrite(path, value)) !== null,
    is: (read, meant) => read === meant,
    show: (value) => value,
  };
}

/** One write(2), as kernel files want it; never makes a file. */
function overwrite(path: string, text: string): void {
  const fd = openSync(path, 'r+');
  try {
    writeSync(fd, text);
  } finally {
    closeSync(fd);
  }
}
