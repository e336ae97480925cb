import type { Readable } from 'node:stream';

const KEEP = 64 * 1024;
/** A sound guest says a few hundred bytes; an emulated serial port brings this much in some seconds. */
const FLOOD = 1024 * 1024;

/** The guest's console and QEMU's own messages: the tail is kept, a flood is told (to null: it is no fault). */
export class Console {
  private text = '';
  private received = 0;
  private readonly listeners = new Set<(bytes: Buffer) => void>();

  constructor(
    stdout: Readable | null,
    stderr: Readable | null,
    private readonly onFlood: (() => void) | null,
  ) {
    for (const stream of [stdout, stderr]) {
      stream?.setEncoding('latin1');
      stream?.on('data', (chunk: string) => {
        this.received += chunk.length;
        this.text = (this.text + chunk).slice(-KEEP);
        for (const listener of this.listeners) listener(Buffer.from(chunk, 'latin1'));
        if (this.received > FLOOD) this.onFlood?.();
      });
    }
  }

  /** Hands on whatever arrives from now on, as it came. */
  listen(listener: (bytes: Buffer) => void): void {
    this.listeners.add(listener);
  }

  /** The last `length` characters, control characters made harmless: they come from a machine, not from us. */
  tail(length: number): string {
    return this.text
      .replace(/[^\n\x20-\x7e]/g, '')
      .trim()
      .slice(-length);
  }

  /** Why the guest ended, when its output says so. */
  verdict(): string | null {
    if (this.received > FLOOD && this.onFlood) return `its console output passed ${FLOOD / 1024 / 1024} MiB`;
    const panic = /Kernel panic - not syncing: ([^\r\n]*)/.exec(this.text);
    if (panic) return `kernel panic: ${panic[1]}`;
    const agent = /tunesmith-agent: ([^\r\n]*)/.exec(this.text);
    return agent ? `agent: ${agent[1]}` : null;
  }
}
