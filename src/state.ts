import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { rename } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { messageOf, TunesmithError } from './errors.js';
import { assertOwnDir, assertSafeWay, deepest } from './state/own.js';

/** Root's, whose HOME and session may be another's (sudo keeps them). */
const ROOTS_STATE = '/var/lib/tunesmith';

/**
 * The home directory. Root's is the one the system has for it when HOME is another user's.
 * @throws TunesmithError (incapable) when there is none
 */
function home(): string {
  const said = process.env.HOME;
  if (said?.startsWith('/') && !(isRoot() && isAnothers(said))) return said;
  try {
    const { homedir } = userInfo();
    if (homedir.startsWith('/')) return homedir;
  } catch {
    // a user without an entry, as in a container
  }
  throw new TunesmithError('incapable', 'there is no home directory to keep anything in: HOME is not set', {
    hint: 'set HOME, or XDG_STATE_HOME and XDG_CACHE_HOME, to directories of your own',
  });
}

const isRoot = (): boolean => process.geteuid?.() === 0;
const isAnothers = (path: string): boolean => (statSync(path, { throwIfNoEntry: false })?.uid ?? 0) !== 0;

const xdg = (variable: string): string | null => {
  const value = process.env[variable];
  return value?.startsWith('/') ? value : null;
};

/** What can be made again: kernels, images, snapshots, trial results. Safe to delete at any time. */
export const cacheDir = (): string => join(xdg('XDG_CACHE_HOME') ?? join(home(), '.cache'), 'tunesmith');

/**
 * What cannot: journals and the ledger. Root has one for the machine, whoever became root, unless XDG_STATE_HOME names
 * another; it must then be root's (`ensureDir`).
 */
export function stateDir(): string {
  const given = xdg('XDG_STATE_HOME');
  if (given !== null) return join(given, 'tunesmith');
  return isRoot() ? ROOTS_STATE : join(home(), '.local/state', 'tunesmith');
}

/** Where root keeps the machine's journal. */
export const rootStateDir = (): string => ROOTS_STATE;

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
 * Makes a directory of ours (mode 0700) and returns it. It must be ours alone, and so must be the way to it: what lies
 * there is taken on trust.
 * @throws TunesmithError (incapable) when it cannot be made, or is another's, with the reason.
 */
export function ensureDir(...parts: string[]): string {
  const path = join(...parts);
  try {
    if (!existsSync(path)) {
      assertSafeWay(deepest(path));
      makeDirs(path, 0o700);
    }
  } catch (error) {
    if (error instanceof TunesmithError) throw error;
    throw new TunesmithError('incapable', `cannot make the directory ${path}: ${messageOf(error)}`, {
      hint: 'set XDG_CACHE_HOME or XDG_STATE_HOME to a place that can be written',
      cause: error,
    });
  }
  assertOwnDir(path);
  return path;
}

/** Whether a process of that number runs, ours or not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** What is being made carries its maker's number: `.part-PID-RANDOM`, or `NAME.PID.part`. */
const PART = /^\.part-(\d+)-|\.(\d+)\.part$/;

/** Removes what processes that were killed left half-made in a directory of ours. */
export function sweepParts(home: string): void {
  for (const name of readdirSync(home)) {
    const [, first, second] = PART.exec(name) ?? [];
    const pid = Number(first ?? second ?? process.pid);
    if (!isAlive(pid)) rmSync(join(home, name), { recursive: true, force: true });
  }
}

/** A new directory in `home` to make something in, before it is renamed to its place. */
export function partDir(home: string): string {
  sweepParts(home);
  return mkdtempSync(join(home, `.part-${process.pid}-`));
}

/**
 * Stores a file that `make` writes (to the path it is given) under the name it returns, whole or not at all.
 * @throws TunesmithError (incapable) with the directory and the reason; one of `make`'s own as it is.
 */
export async function storeMade(
  home: string,
  what: string,
  make: (part: string) => Promise<string>,
): Promise<string> {
  const part = partDir(home);
  try {
    const path = join(home, await make(join(part, 'made')));
    await rename(join(part, 'made'), path);
    return path;
  } catch (cause) {
    if (cause instanceof TunesmithError) throw cause;
    throw unstored(what, home, cause);
  } finally {
    rmSync(part, { recursive: true, force: true });
  }
}

const unstored = (what: string, home: string, cause: unknown): TunesmithError =>
  new TunesmithError('incapable', `${what} cannot be stored in ${home}: ${messageOf(cause)}`, {
    hint: 'make room there, or set XDG_CACHE_HOME to another place',
    cause,
  });

/**
 * Stores a file in a directory of ours, whole or not at all, and returns its path.
 * @throws TunesmithError (incapable) with the directory and the reason.
 */
export function storeFile(home: string, name: string, bytes: Buffer): string {
  const path = join(home, name);
  try {
    const part = partDir(home);
    try {
      writeFileSync(join(part, name), bytes);
      renameSync(join(part, name), path);
    } finally {
      rmSync(part, { recursive: true, force: true });
    }
  } catch (cause) {
    throw unstored(name, home, cause);
  }
  return path;
}
