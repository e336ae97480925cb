import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readFileSync,
  realpathSync,
  type Stats,
} from 'node:fs';
import { dirname } from 'node:path';
import { messageOf, TunesmithError } from '../errors.js';
import { shellLine } from '../shell.js';

/** Whom we run as; what we keep must be theirs. */
const me = (): number => process.geteuid?.() ?? 0;
const nameOf = (uid: number): string => (uid === 0 ? 'root' : `user ${uid}`);
const octal = (mode: number): string => (mode & 0o7777).toString(8).padStart(4, '0');

const GROUP_WRITES = 0o020;
const OTHERS_WRITE = 0o002;
const STICKY = 0o1000;

const foreign = (path: string, what: string, hint: string, cause?: unknown): TunesmithError =>
  new TunesmithError('incapable', `${path} ${what}`, { hint, cause });

const ELSEWHERE = 'set XDG_STATE_HOME or XDG_CACHE_HOME to a directory of your own';

const belongsTo = (path: string, { uid }: Stats): TunesmithError =>
  foreign(
    path,
    `belongs to ${nameOf(uid)}, and this is ${nameOf(me())}: it is neither read nor written`,
    me() === 0
      ? `root keeps its own in /var/lib/tunesmith: unset XDG_STATE_HOME and XDG_CACHE_HOME, or give a directory of root's`
      : `run this as ${nameOf(uid)}, or ${ELSEWHERE}`,
  );

function seen(path: string): Stats | null {
  try {
    return lstatSync(path);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') return null;
    throw foreign(
      path,
      `cannot be looked at as ${nameOf(me())}: ${code ?? messageOf(cause)}`,
      me() === 0 ? ELSEWHERE : `run this as whom it belongs to, or ${ELSEWHERE}`,
      cause,
    );
  }
}

/**
 * Whether somebody else may put entries into a directory, or take them away. In a sticky one (/tmp) they may put some,
 * and each entry's owner then tells. A group with the user's own number is the user's private one.
 */
function othersMayChange({ uid, gid, mode }: Stats): boolean {
  if (uid !== 0 && uid !== me()) return true;
  if ((mode & STICKY) !== 0) return false;
  const privately = me() !== 0 && gid === me();
  return (mode & OTHERS_WRITE) !== 0 || ((mode & GROUP_WRITES) !== 0 && !privately);
}

function resolved(path: string): string {
  try {
    return realpathSync(path);
  } catch (cause) {
    throw foreign(path, `cannot be reached: ${messageOf(cause)}`, ELSEWHERE, cause);
  }
}

/**
 * That nobody else can exchange what lies at a path: every directory from the root to it is root's or ours, and only
 * they write to it.
 * @throws TunesmithError (incapable) naming the directory
 */
export function assertSafeWay(directory: string): void {
  for (let at = resolved(directory); ; at = dirname(at)) {
    const stats = seen(at);
    if (!stats?.isDirectory()) throw foreign(at, 'is no directory', ELSEWHERE);
    if (stats.uid !== 0 && stats.uid !== me()) throw belongsTo(at, stats);
    if (othersMayChange(stats))
      throw foreign(
        at,
        `may be written by others (mode ${octal(stats.mode)}), who could exchange what is kept in ${directory}`,
        `${shellLine('chmod', 'go-w', at)}, or ${ELSEWHERE}`,
      );
    if (at === '/') return;
  }
}

/**
 * That a directory is ours alone: of our user, written by nobody else, reached by a way that nobody else can bend. A
 * link of ours in a place of ours may lead to it, such as to another disk.
 * @throws TunesmithError (incapable) naming the directory, its owner or mode, and the way out
 */
export function assertOwnDir(path: string): void {
  const stats = seen(path);
  if (!stats) throw foreign(path, 'is not there', ELSEWHERE);
  if (stats.isSymbolicLink()) {
    if (stats.uid !== 0 && stats.uid !== me()) throw belongsTo(path, stats);
    assertSafeWay(dirname(path));
    assertOwnDir(resolved(path));
    return;
  }
  if (!stats.isDirectory()) throw foreign(path, 'is no directory', 'move it away');
  if (stats.uid !== me()) throw belongsTo(path, stats);
  assertSafeWay(path);
}

function assertOwn(path: string, stats: Stats): void {
  if (stats.isSymbolicLink())
    throw foreign(path, 'is a symbolic link', `remove it: ${shellLine('rm', path)}`);
  if (!stats.isFile()) throw foreign(path, 'is no regular file', `remove it: ${shellLine('rm', path)}`);
  if (stats.uid !== me()) throw belongsTo(path, stats);
  if ((stats.mode & (GROUP_WRITES | OTHERS_WRITE)) !== 0)
    throw foreign(
      path,
      `may be written by others (mode ${octal(stats.mode)})`,
      `look at what it says, then ${shellLine('chmod', 'go-w', path)}`,
    );
}

/** That a file of ours is a plain file of our user; one that is not there is fine. @throws as `assertOwnDir` */
export function assertOwnFile(path: string): void {
  const stats = seen(path);
  if (stats) assertOwn(path, stats);
}

/**
 * A file of ours, opened without following a link or waiting for a pipe, and judged by what was opened.
 * @param options `secret`: nobody else may read it either; `given`: a person named it, so a link is followed and root's
 * will do
 * @throws TunesmithError (incapable) when it is another's, no plain file, or cannot be read
 */
export function readOwnFile(path: string, { secret = false, given = false } = {}): string {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | (given ? 0 : constants.O_NOFOLLOW));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ELOOP')
      throw foreign(path, 'is a symbolic link', 'give the file itself', cause);
    throw new TunesmithError('incapable', `${path} cannot be read: ${messageOf(cause)}`, { cause });
  }
  try {
    const stats = fstatSync(fd);
    if (!(given && stats.isFile() && stats.uid === 0)) assertOwn(path, stats);
    if (secret && (stats.mode & 0o077) !== 0)
      throw foreign(
        path,
        `may be read by others (mode ${octal(stats.mode)})`,
        `${shellLine('chmod', '600', path)}, and make a new secret if somebody may have seen it`,
      );
    return readFileSync(fd, 'utf8');
  } finally {
    closeSync(fd);
  }
}

/**
 * Whether there is anything at a path. @throws TunesmithError (incapable) when that cannot be told: a directory on the
 * way may not be entered
 */
export const isAt = (path: string): boolean => seen(path) !== null;

/** The deepest directory on the way to a path that is there. */
export function deepest(path: string): string {
  for (let at = path; ; at = dirname(at)) if (at === '/' || seen(at)) return at;
}
