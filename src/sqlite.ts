import { chmodSync, closeSync, constants, openSync } from 'node:fs';
import { createRequire } from 'node:module';
import type Database from 'better-sqlite3';
import { messageOf, TunesmithError } from './errors.js';
import { assertOwnFile } from './state/own.js';

/**
 * Opens an SQLite file of ours, mode 0600: one that is another user's, a link or a pipe is refused before SQLite sees
 * it, and so are the files that it keeps beside it. The library is loaded here, at the first call, for it is a native
 * module: what needs no database starts faster, and a Node that it was not compiled for gets a sentence instead of a
 * loader's trace.
 * @param timeout how long a writer waits for another process's lock, ms
 * @throws TunesmithError (incapable) for such a file, and when better-sqlite3 has no binary for this Node;
 * better-sqlite3's own SqliteError when the file cannot be opened.
 */
export function openDatabase(path: string, { timeout = 10_000 } = {}): Database.Database {
  const Library = load();
  if (path !== ':memory:') ownFile(path);
  try {
    return new Library(path, { timeout });
  } catch (error) {
    throw unloadable(error) ?? error;
  }
}

/**
 * Makes the file when there is none. One that is there is looked at, not opened: closing any descriptor of a file takes
 * away this process's POSIX locks on it (fcntl(2)), and with them those of a connection that is open (SQLite's "How To
 * Corrupt An SQLite Database File", 2.2).
 */
function ownFile(path: string): void {
  for (const beside of ['', '-wal', '-shm', '-journal']) assertOwnFile(`${path}${beside}`);
  const { O_CREAT, O_EXCL, O_RDWR } = constants;
  try {
    closeSync(openSync(path, O_CREAT | O_EXCL | O_RDWR, 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    chmodSync(path, 0o600);
  }
}

/** Whether databases can be opened: null, or why not (for `doctor`). */
export function sqliteFault(): TunesmithError | null {
  try {
    openDatabase(':memory:').close();
    return null;
  } catch (error) {
    return error instanceof TunesmithError
      ? error
      : new TunesmithError('incapable', messageOf(error), { cause: error });
  }
}

let library: typeof Database | undefined;

function load(): typeof Database {
  try {
    library ??= createRequire(import.meta.url)('better-sqlite3') as typeof Database;
    return library;
  } catch (error) {
    throw unloadable(error) ?? error;
  }
}

/** NODE_MODULE_VERSION of Node's release lines, by what a loader's message calls them. */
const NODE_OF: Readonly<Record<string, string>> = {
  115: '20',
  127: '22',
  131: '23',
  137: '24',
  141: '25',
};

const REBUILD =
  'run `npm rebuild better-sqlite3` with this Node (in a clone: `npm run setup`), or use the Node it was compiled for';

/** An error of the loader as one of ours; undefined for any other. */
function unloadable(error: unknown): TunesmithError | undefined {
  const said = messageOf(error);
  const wrong = (what: string, hint = REBUILD) =>
    new TunesmithError('incapable', `better-sqlite3 ${what}`, { hint, cause: error });
  const [, modules] = /different Node\.js version using\s+NODE_MODULE_VERSION (\d+)/.exec(said) ?? [];
  if (modules !== undefined) {
    const line = NODE_OF[modules];
    const made = line === undefined ? `another Node (module version ${modules})` : `Node ${line}`;
    return wrong(`was compiled for ${made}, and this is Node ${process.versions.node}`);
  }
  if (/Could not locate the bindings file/.test(said))
    return wrong(
      `has no binary for Node ${process.versions.node}: it was installed without its install script`,
    );
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'MODULE_NOT_FOUND' || code === 'ERR_MODULE_NOT_FOUND')
    return wrong('is not installed', 'run `npm install` (in a clone: `npm run setup`)');
  if (code === 'ERR_DLOPEN_FAILED') return wrong(`does not load: ${said.split('\n')[0]}`);
  return undefined;
}
