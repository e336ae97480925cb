import type { Readable } from 'node:stream';

const KEEP = 64 * 1024;
const FLOOD = 16 * 1024 * 1024;

/** The guest's console and QEMU's own messages: the tail is kept, a flood ends the machine. */
export class Console {
  private text = '';
  private received = 0;

  constructor(stdout: Readable | null, stderr: Readable | null, onFlood: () => void) {
    for (const stream of [stdout, stderr]) {
      stream?.setEncoding('latin1');
      stream?.on('data', (chunk: string) => {
        this.received += chunk.length;
        this.text = (this.text + chunk).slice(-KEEP);
        if (this.received > FLOOD) onFlood();
      });
    }
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
    if (this.received > FLOOD) return `its console output passed ${FLOOD / 1024 / 1024} MiB`;
    const panic = /Kernel panic - not syncing: ([^\r\n]*)/.exec(this.text);
    if (panic) return `kernel panic: ${panic[1]}`;
    const agent = /tunesmith-agent: ([^\r\n]*)/.exec(this.text);
    return agent ? `agent: ${agent[1]}` : null;
  }
}
