import { randomBytes } from 'node:crypto';
import { rmSync, statfsSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { messageOf, type TunesmithError, usageError } from '../errors.js';
import { makeDirs } from '../state.js';
import { removeLeftovers } from './atomic.js';

/** Room a report needs with much to spare: a long run writes a few MiB. */
const ROOM_MIB = 32;

/**
 * Makes the `--out` directory, or checks the one that is there, before a long run depends on it: it must be a
 * directory, a file must be writable in it, and there must be room for a report. Returns its absolute path.
 * @throws TunesmithError (usage) naming `--out`, the path, the reason and the way out.
 */
export function prepareOutDir(dir: string): string {
  if (dir.trim() === '') throw refusal(dir, 'is empty', 'name a directory, for example --out ./report');
  const path = resolve(dir);
  if (isOtherThanDirectory(path))
    throw refusal(dir, 'exists and is not a directory', 'choose another name, or move that file away');
  attempt(dir, 'cannot be made', () => makeDirs(path));
  attempt(dir, 'cannot be written', () => {
    removeLeftovers(path);
    const probe = join(path, `.probe.${process.pid}-${randomBytes(4).toString('hex')}.tmp`);
    writeFileSync(probe, '', { flag: 'wx' });
    rmSync(probe);
  });
  const free = freeMib(path);
  if (free < ROOM_MIB)
    throw refusal(
      dir,
      `has ${Math.floor(free)} MiB free, a report may need ${ROOM_MIB}`,
      'make room there, or choose a directory on another file system',
    );
  return path;
}

function attempt(dir: string, failure: string, action: () => void): void {
  try {
    action();
  } catch (error) {
    throw refusal(
      dir,
      `${failure}: ${messageOf(error)}`,
      'choose a directory you may write to, for example --out ./report',
    );
  }
}

const refusal = (dir: string, rule: string, hint: string): TunesmithError =>
  usageError('--out', dir, rule, hint);

/** Free space for us in MiB; unlimited where the file system does not count blocks. */
function freeMib(path: string): number {
  const { bavail, bsize, blocks } = statfsSync(path);
  return blocks === 0 ? Number.POSITIVE_INFINITY : (bavail * bsize) / 2 ** 20;
}

/** Something that is no directory stands at the path. A path that cannot be looked at is for `mkdir` to judge. */
function isOtherThanDirectory(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() === false;
  } catch {
    return false;
  }
}
