import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readOwnFile } from '../state/own.js';
import { ensureDir, stateDir, storeFile } from '../state.js';

/**
 * A file of secrets that somebody names: it may lie behind a link, and what is opened must be ours or root's.
 * @throws TunesmithError (incapable) when it cannot be read, is another user's, or others may read or write it
 */
export const readSecret = (path: string): string => readOwnFile(path, { secret: true, given: true });

/**
 * A random secret of this machine's, 32 bytes in hexadecimal, made at the first call (mode 0600), and its file. One
 * that somebody else has put there is refused.
 * @throws TunesmithError (incapable) as `ensureDir`, or when it is another's or not secret
 */
export function ownSecret(name: string): { readonly path: string; readonly secret: string } {
  const home = ensureDir(stateDir());
  const path = join(home, name);
  if (!existsSync(path)) {
    const old = process.umask(0o077);
    try {
      storeFile(home, name, Buffer.from(`${randomBytes(32).toString('hex')}\n`));
    } finally {
      process.umask(old);
    }
  }
  return { path, secret: readOwnFile(path, { secret: true }).trim() };
}
