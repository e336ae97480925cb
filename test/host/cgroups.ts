/** Real cgroups for the tests of the host target. */
import { mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { mounts } from '../../src/host/probes/mounts.js';

/** Where the hierarchy of version 1 that has the cpu controller is mounted, if there is one. */
export const legacy = mounts('/').find(
  ({ type, options }) => type === 'cgroup' && options.includes('cpu'),
)?.where;
/** Where the unified hierarchy, version 2, is mounted. */
export const unified = mounts('/').find(({ type }) => type === 'cgroup2')?.where;
let made = 0;

/** A cgroup of the test's own, with one below it; gone when the test is over. */
export function group(mount: string): { path: string; dir: string; inner: string } {
  const path = `/tunesmith-test-${process.pid}-${made++}`;
  const dir = join(mount, path);
  const inner = join(dir, 'inner');
  mkdirSync(inner, { recursive: true });
  onTestFinished(async () => {
    // Its processes have been killed. A dying one is no longer listed, yet keeps the cgroup busy until it is buried.
    for (const gone of [inner, dir]) await expect.poll(() => removed(gone)).toBe(true);
  });
  return { path, dir, inner };
}

function removed(dir: string): boolean {
  try {
    rmdirSync(dir);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EBUSY') return false;
    throw error;
  }
}

/** Moves a process, with all its threads, into a cgroup. */
export const enter = (dir: string, pid: number): void =>
  writeFileSync(join(dir, 'cgroup.procs'), String(pid));
