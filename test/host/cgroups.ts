/** Real cgroups for the tests of the host target. */
import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
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
    for (const gone of [inner, dir]) {
      // Its processes have been killed, and leave it when the kernel has buried them.
      await expect.poll(() => readFileSync(join(gone, 'cgroup.procs'), 'utf8'), { timeout: 10_000 }).toBe('');
      rmdirSync(gone);
    }
  });
  return { path, dir, inner };
}

/** Moves a process, with all its threads, into a cgroup. */
export const enter = (dir: string, pid: number): void =>
  writeFileSync(join(dir, 'cgroup.procs'), String(pid));
