import { closeSync, constants, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { cacheDir, ensureDir, partDir } from '../state.js';

const isFull = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'EAGAIN';

/**
 * A pipe that is kept full while closed. The guest's one-byte write to it blocks QEMU's only vCPU thread, so
 * every CPU of the guest freezes at one instruction (lab.md, "exact restores"); draining it lets the guest on.
 */
export class Gate {
  private constructor(readonly fd: number) {}

  /** Two closed gates. Their names live only until they are open: a killed process leaves none behind. */
  static async pair(): Promise<[Gate, Gate]> {
    const dir = partDir(ensureDir(cacheDir(), 'run'));
    const paths = [join(dir, 'a'), join(dir, 'b')] as const;
    try {
      await execa('mkfifo', ['-m', '600', ...paths]);
      const open = (path: string) => new Gate(openSync(path, constants.O_RDWR | constants.O_NONBLOCK));
      const gates: [Gate, Gate] = [open(paths[0]), open(paths[1])];
      for (const gate of gates) gate.shut();
      return gates;
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  }

  /** Fills the pipe to the last byte. */
  shut(): void {
    for (const size of [4096, 256, 16, 1]) {
      const filler = Buffer.alloc(size);
      try {
        for (;;) writeSync(this.fd, filler);
      } catch (error) {
        if (!isFull(error)) throw error;
      }
    }
  }

  /** Takes out what is in the pipe, so that a waiting write goes through. */
  drain(): void {
    const sink = Buffer.alloc(65536);
    try {
      while (readSync(this.fd, sink) > 0) {
        // The pipe never ends: both ends are ours. EAGAIN says it is empty.
      }
    } catch (error) {
      if (!isFull(error)) throw error;
    }
  }

  close(): void {
    closeSync(this.fd);
  }
}
