import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf, TunesmithError } from '../errors.js';
import { ensureDir, stateDir, storeFile } from '../state.js';

/**
 * A file that only its owner may read.
 * @throws TunesmithError (incapable) when it cannot be read, or others may read or write it
 */
export function readSecret(path: string): string {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch (error) {
    throw new TunesmithError('incapable', `${path} cannot be read: ${messageOf(error)}`, { cause: error });
  }
  try {
    const mode = fstatSync(fd).mode & 0o777;
    if ((mode & 0o077) !== 0)
      throw new TunesmithError('incapable', `${path} may be read by others (mode ${mode.toString(8)})`, {
        hint: `chmod 600 ${path}, and make a new secret if somebody may have seen it`,
      });
    return readFileSync(fd, 'utf8');
  } finally {
    closeSync(fd);
  }
}

/** A random secret of this machine's, 32 bytes in hexadecimal, made at the first call (mode 0600), and its file. */
export function ownSecret(name: string): { readonly path: string; readonly secret: string } {
  const path = join(stateDir(), name);
  if (!existsSync(path)) {
    const old = process.umask(0o077);
    try {
      storeFile(ensureDir(stateDir()), name, Buffer.from(`${randomBytes(32).toString('hex')}\n`));
    } finally {
      process.umask(old);
    }
  }
  return { path, secret: readSecret(path).trim() };
}
