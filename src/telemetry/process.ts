import { readFileSync } from 'node:fs';
import { usageError } from '../errors.js';

/**
 * Refuses a number that is no process of our PID namespace: a sampler that waits for it would measure nothing, or a
 * stranger who gets the number later.
 * @throws TunesmithError (usage)
 */
export function assertProcess(pid: number, field = 'processes'): void {
  const status = statusOf(pid);
  if (status === undefined) {
    if (isThere(pid)) return; // where /proc shows another PID namespace, or hides the processes of others
    throw usageError(field, pid, 'is no process of this PID namespace', 'see ps(1) for those there are');
  }
  const tgid = Number(/^Tgid:\s*(\d+)/m.exec(status)?.[1] ?? pid);
  if (tgid !== pid)
    throw usageError(field, pid, `is a thread of process ${tgid}`, `watch the process: ${tgid}`);
}

/** undefined when there is none, or when /proc is not our PID namespace's. */
function statusOf(pid: number): string | undefined {
  try {
    const own = /^Pid:\s*(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    return Number(own) === process.pid ? readFileSync(`/proc/${pid}/status`, 'utf8') : undefined;
  } catch {
    return undefined;
  }
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
