import { existsSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { messageOf, TunesmithError } from './errors.js';

const xdg = (variable: string, fallback: string): string => {
  const value = process.env[variable];
  return value?.startsWith('/') ? value : join(homedir(), fallback);
};

/** What can be made again: kernels, images, snapshots, trial results. Safe to delete at any time. */
export const cacheDir = (): string => join(xdg('XDG_CACHE_HOME', '.cache'), 'tunesmith');

/** What cannot: journals and the ledger. */
export const stateDir = (): string => join(xdg('XDG_STATE_HOME', '.local/state'), 'tunesmith');

/**
 * Makes a directory and those above it; one that is there is fine. Not mkdir's own `recursive`: Node 20 spins for ever
 * with it where the kernel answers ENOENT to a mkdir, as in /proc.
 * @throws Error of mkdir(2) when one cannot be made.
 */
export function makeDirs(path: string, mode = 0o777): void {
  if (existsSync(path)) return;
  if (dirname(path) !== path) makeDirs(dirname(path), mode);
  try {
    mkdirSync(path, mode);
  } catch (error) {
    // Another process may have been quicker.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

/**
 * Makes a directory of ours (mode 0700) and returns it.
 * @throws TunesmithError (incapable) when it cannot be made, with the reason.
 */
export function ensureDir(...parts: string[]): string {
  const path = join(...parts);
  try {
    makeDirs(path, 0o700);
  } catch (error) {
    throw new TunesmithError('incapable', `cannot make the directory ${path}: ${messageOf(error)}`, {
      hint: 'set XDG_CACHE_HOME or XDG_STATE_HOME to a place that can be written',
      cause: error,
    });
  }
  return path;
}
