import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
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
 * Makes a directory of ours (mode 0700) and returns it.
 * @throws TunesmithError (incapable) when it cannot be made, with the reason.
 */
export function ensureDir(...parts: string[]): string {
  const path = join(...parts);
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new TunesmithError('incapable', `cannot make the directory ${path}: ${messageOf(error)}`, {
      hint: 'set XDG_CACHE_HOME or XDG_STATE_HOME to a place that can be written',
      cause: error,
    });
  }
  return path;
}
