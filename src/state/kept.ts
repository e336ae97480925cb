import { createHash } from 'node:crypto';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { sha256Of } from './hash.js';

/**
 * Things made once and kept under `ID-SHA256.EXT`: what they were made of, and the hash of their bytes. Whoever finds
 * one can tell that it is whole; a cache is a directory like any other, and a disk may be full or fail.
 */
export const keptName = (id: string, bytes: Buffer | string, ext = ''): string =>
  keptAs(id, createHash('sha256').update(bytes).digest('hex'), ext);

/** The same of what has been hashed already. */
export const keptAs = (id: string, sha256: string, ext = ''): string => `${id}-${sha256}${ext}`;

/**
 * The path of what is kept under `id` in `home`, or null. One whose bytes are not those of its name is reported as
 * `what`, and removed: it is made again.
 * @param inner the file to be hashed, where a directory is kept
 */
export async function kept(
  home: string,
  what: string,
  id: string,
  { ext = '', inner = '' } = {},
): Promise<string | null> {
  const is = (name: string): boolean =>
    name.startsWith(`${id}-`) && name.length === id.length + 65 + ext.length;
  for (const name of readdirSync(home).filter(is)) {
    const path = join(home, name);
    try {
      if (name === keptAs(id, await sha256Of(join(path, inner)), ext)) return path;
    } catch {
      // not whole
    }
    process.stderr.write(`${what} ${path}: it was damaged; it is made again\n`);
    rmSync(path, { recursive: true, force: true });
  }
  return null;
}
