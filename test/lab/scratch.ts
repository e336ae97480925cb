import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { cacheDir, ensureDir } from '../../src/state.js';

/** What is dear to make and never damaged by a test: it is borrowed from the cache of this machine. */
const BORROWED = ['apt', 'kernels', 'packages', 'databases', 'vmlinux', 'images'];

/** Points a new cache directory's dear parts at this machine's; snapshots, results and `run` are its own. */
export function makeCache(home: string, borrowed: readonly string[] = BORROWED): string {
  const own = join(home, 'tunesmith');
  mkdirSync(own, { recursive: true, mode: 0o700 });
  for (const name of borrowed) symlinkSync(ensureDir(cacheDir(), name), join(own, name));
  return own;
}

/**
 * Gives the test file a cache of its own until it is over, so that what it breaks is nobody else's, and returns its
 * path. Child processes inherit it.
 */
export function scratchCache(borrowed: readonly string[] = BORROWED): string {
  const home = mkdtempSync(join(tmpdir(), 'tunesmith-test-'));
  const own = makeCache(home, borrowed);
  process.env.XDG_CACHE_HOME = home;
  afterAll(() => rmSync(home, { recursive: true, force: true }));
  return own;
}

/** Every file below a directory but what is borrowed, sorted: what a test left there. */
export const filesIn = (dir: string): string[] =>
  readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isSymbolicLink())
    .map((entry) => join(entry.parentPath, entry.name).slice(dir.length + 1))
    .sort();
