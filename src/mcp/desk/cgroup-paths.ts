import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { mounts } from '../../host/probes/mounts.js';

/** Directories looked at, over all hierarchies: a machine of many containers has some thousands. */
const MOST = 20_000;
/** Paths are looked up anew when so old; ms. */
const FRESH_MS = 5000;

let known = new Map<number, string>();
let readAt = Number.NEGATIVE_INFINITY;

/** The cgroup of each directory's inode number, which is the kernel's id of it. */
function read(): Map<number, string> {
  const found = new Map<number, string>();
  // The unified hierarchy last: where both have a number, its group is meant.
  const roots = mounts('/').filter(({ type }) => type === 'cgroup' || type === 'cgroup2');
  for (const { where } of roots.sort((a, b) => a.type.localeCompare(b.type))) {
    const waiting = ['/'];
    for (let path = waiting.pop(); path !== undefined && found.size < MOST; path = waiting.pop()) {
      try {
        found.set(statSync(join(where, path)).ino, path);
        for (const entry of readdirSync(join(where, path), { withFileTypes: true }))
          if (entry.isDirectory()) waiting.push(join(path, entry.name));
      } catch {
        // Ended while it was looked at.
      }
    }
  }
  return found;
}

/** The path of a cgroup by its id, as /proc/PID/cgroup shows it; null when it is gone or none is known. */
export function cgroupPath(id: number): string | null {
  if (id === 0) return null;
  if (!known.has(id) && performance.now() - readAt > FRESH_MS) {
    known = read();
    readAt = performance.now();
  }
  return known.get(id) ?? null;
}
