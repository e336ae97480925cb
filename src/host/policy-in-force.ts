import { readText } from './probes/files.js';

const HOME = '/sys/kernel/sched_ext';

/**
 * The sched_ext policy that runs here, its name and the number of its enabling, so that one that was changed for another
 * of its name is told from it; null for the kernel's own scheduler.
 */
export function policyInForce(): string | null {
  const state = readText(`${HOME}/state`)?.trim();
  if (state === undefined || state === 'disabled') return null;
  return `${readText(`${HOME}/root/ops`)?.trim()} ${readText(`${HOME}/enable_seq`)?.trim()}`;
}
