import { spawnSync } from 'node:child_process';
import { TunesmithError } from '../errors.js';
import { deadmanPath } from '../native.js';
import { deadmanAddon } from './native.js';

/** A deadman answers within microseconds; one that takes so long is stopped or stuck. */
const PATIENCE_MS = 5000;

/** The deadman did not answer: it is dead, or as good as. */
export class DeadmanGone extends Error {}

/** A link to a deadman: our own, which puts back what we staged when the link is closed, or another process's. */
export class Deadman {
  private constructor(
    private fd: number,
    /** Its process. */
    readonly pid: number,
    private readonly isOwn: boolean,
  ) {}

  /**
   * Starts one.
   * @param tree a directory whose plain files count as knobs, for experiments
   * @throws TunesmithError (incapable) when it cannot be started
   */
  static start(dir: string, leaseMs: number, tree = ''): Deadman {
    const { ok, reason, fd, pid } = deadmanAddon().startDeadman(
      ...([deadmanPath(), dir, leaseMs, PATIENCE_MS, tree] as const),
    );
    if (!ok) throw new TunesmithError('incapable', reason, { hint: 'npm run setup' });
    return new Deadman(fd, pid, true);
  }

  /** @throws DeadmanGone when there is none of that number */
  static connect(dir: string, pid: number): Deadman {
    const { ok, reason, fd } = deadmanAddon().connectDeadman(dir, pid, PATIENCE_MS);
    if (!ok) throw new DeadmanGone(reason);
    return new Deadman(fd, pid, false);
  }

  /**
   * Sends a request (native/deadman/server.h) and gives the words of the reply.
   * @throws DeadmanGone; TunesmithError (incapable) when the request is too long for a packet
   */
  ask(...words: readonly string[]): readonly string[] {
    return this.askWith([], words);
  }

  /**
   * `stage` with descriptors to hold, such as BPF links': the deadman closes its copies when the change is put back, and
   * so does the kernel when the deadman dies. Close your own once this returns. @throws as `ask`
   */
  askWith(links: readonly number[], words: readonly string[]): readonly string[] {
    const request = words.join('\t');
    const { ok, code, reason, reply } = deadmanAddon().askDeadman(this.fd, request, links);
    if (ok) return reply.split('\t');
    if (code === 'EMSGSIZE')
      throw new TunesmithError('incapable', 'the change has too many values for one undo list', {
        hint: 'take a smaller scope',
      });
    throw new DeadmanGone(reason);
  }

  /** Closes the link. Of our own, waits until it has put back what is staged and, holding nothing else, has ended. */
  end(wait = this.isOwn): void {
    if (this.fd >= 0) deadmanAddon().endDeadman(this.fd, wait ? this.pid : 0);
    this.fd = -1;
  }

  /** For one that does not answer: what it holds is then for `sweep` to put back. */
  kill(): void {
    try {
      if (this.isOwn) process.kill(this.pid, 'SIGKILL');
    } catch {
      // it is gone already
    }
    this.end();
  }
}

/**
 * Puts back what dead deadmen left staged, or with `panic` everything. `lines`: for each change what became of it, then
 * a line for each value that is not back; `done` is false when something is stuck, or a list is none of ours.
 * @param tree a directory whose plain files count as knobs, for experiments
 */
export function sweep(
  how: 'recover' | 'panic',
  dir: string,
  tree?: string,
): { readonly done: boolean; readonly lines: string[] } {
  const { status, stdout, error } = spawnSync(deadmanPath(), [`--${how}`, dir, ...(tree ? [tree] : [])], {
    encoding: 'utf8',
  });
  if (error) throw new TunesmithError('incapable', `the deadman cannot be run: ${error.message}`);
  return { done: status === 0, lines: stdout.split('\n').filter((line) => line !== '') };
}
