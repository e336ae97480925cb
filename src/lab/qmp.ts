import type { Duplex } from 'node:stream';
import { TunesmithError } from '../errors.js';

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/**
 * QEMU's machine protocol on an open stream (docs/interop/qmp-spec): one JSON object a line, replies in order of
 * their ids, events in between.
 */
export class Qmp {
  private readonly waiting = new Map<number, Waiting>();
  private readonly listeners = new Set<(event: string) => void>();
  private nextId = 1;
  private buffered = '';
  /** Why nothing can be asked any more. */
  private broken: string | null = null;

  constructor(private readonly stream: Duplex) {
    stream.setEncoding('utf8');
    stream.on('data', (text: string) => this.receive(text));
    stream.on('close', () => this.fail('QEMU closed its control socket'));
    stream.on('error', () => this.fail('QEMU’s control socket broke'));
  }

  /** Leaves the greeting state; must be the first command. */
  async negotiate(): Promise<void> {
    await this.execute('qmp_capabilities');
  }

  /** @throws TunesmithError (guest) with QEMU's own words when it refuses or is gone. */
  execute(command: string, args: object = {}): Promise<unknown> {
    if (this.broken !== null) return Promise.reject(new TunesmithError('guest', this.broken));
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.stream.write(`${JSON.stringify({ execute: command, arguments: args, id })}\n`);
    });
  }

  /** QEMU's run state: `running`, `inmigrate`, `guest-panicked`, … */
  async status(): Promise<string> {
    return ((await this.execute('query-status')) as { status: string }).status;
  }

  /** Resolves at the next event of that name. */
  event(name: string): Promise<void> {
    return new Promise((resolve) => {
      const listener = (event: string) => {
        if (event !== name) return;
        this.listeners.delete(listener);
        resolve();
      };
      this.listeners.add(listener);
    });
  }

  private receive(text: string): void {
    const lines = (this.buffered + text).split('\n');
    this.buffered = lines.pop() ?? '';
    try {
      for (const line of lines) if (line.trim() !== '') this.dispatch(JSON.parse(line));
    } catch {
      this.fail('QEMU’s control socket carries no JSON');
      this.stream.destroy();
    }
  }

  private dispatch(message: {
    id?: number;
    event?: string;
    return?: unknown;
    error?: { desc: string };
  }): void {
    if (message.event !== undefined) for (const listener of [...this.listeners]) listener(message.event);
    const waiting = message.id === undefined ? undefined : this.waiting.get(message.id);
    if (!waiting) return;
    this.waiting.delete(message.id as number);
    if (message.error) waiting.reject(new TunesmithError('guest', `QEMU refused: ${message.error.desc}`));
    else waiting.resolve(message.return);
  }

  private fail(reason: string): void {
    this.broken ??= reason;
    for (const { reject } of this.waiting.values()) reject(new TunesmithError('guest', reason));
    this.waiting.clear();
  }
}
