import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { ensureDir, stateDir, storeFile } from '../../state.js';
import { isThere, readTask } from '../tasks.js';

const holderRecord = z.object({
  pid: z.int().positive(),
  /** Its start, in clock ticks after boot: a reused number is never taken for it. */
  start: z.int().nonnegative(),
  policy: z.string(),
});

/** The process of ours that has a policy in force. */
export type Holder = z.infer<typeof holderRecord>;

const FILE = 'policy-holder.json';
const POLL_MS = 50;

const runs = ({ pid, start }: Holder): boolean => isThere({ tid: pid, pid, parent: 0, start });

/** Says that this process holds a policy; returns how to take that back. */
export function claim(policy: string): () => void {
  const { start = 0 } = readTask(process.pid) ?? {};
  const home = ensureDir(stateDir());
  storeFile(home, FILE, Buffer.from(`${JSON.stringify({ pid: process.pid, start, policy })}\n`));
  return () => rmSync(join(home, FILE), { force: true });
}

/** Who holds one now; null when nobody of ours does. */
export function holder(): Holder | null {
  const path = join(stateDir(), FILE);
  if (!existsSync(path)) return null;
  try {
    const found = holderRecord.parse(JSON.parse(readFileSync(path, 'utf8')));
    return runs(found) ? found : null;
  } catch {
    return null;
  }
}

async function gone(who: Holder, limitMs: number): Promise<boolean> {
  for (let waited = 0; waited < limitMs; waited += POLL_MS) {
    if (!runs(who)) return true;
    await sleep(POLL_MS);
  }
  return false;
}

/** Asks a holder to end, and ends it when it does not; either way the kernel’s own scheduler comes back. */
export async function dismiss(who: Holder, patienceMs = 5000): Promise<void> {
  process.kill(who.pid, 'SIGTERM');
  if (await gone(who, patienceMs)) return;
  process.kill(who.pid, 'SIGKILL');
  await gone(who, patienceMs);
}
