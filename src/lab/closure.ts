import { existsSync, lstatSync, readdirSync, readlinkSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { TunesmithError } from '../errors.js';
import type { Entry } from './cpio.js';

/** Where a file comes from on this machine, and where the guest finds it. */
export interface GuestFile {
  readonly source: string;
  readonly path: string;
}

/** Library directories of a private root, for the loader. */
function libraryDirs(root: string): string[] {
  const homes = [join(root, 'usr/lib'), join(root, 'lib')].filter((home) => existsSync(home));
  return homes.flatMap((home) =>
    readdirSync(home)
      .filter((name) => name.endsWith('-linux-gnu'))
      .map((name) => join(home, name)),
  );
}

/**
 * The shared libraries of programs, and their loader, as `ldd` finds them; a private `root` is searched first.
 * Paths in the guest are those of this machine (with the root taken off), so that the loader finds them there.
 */
export async function libraryClosure(programs: string | readonly string[], root = ''): Promise<GuestFile[]> {
  const env = { LC_ALL: 'C', LD_LIBRARY_PATH: root === '' ? '' : libraryDirs(root).join(':') };
  const done = await execa('ldd', [programs].flat(), { env, reject: false });
  const which = typeof programs === 'string' ? programs : `one of ${programs.length} programs for the guest`;
  const missing = [...done.stdout.matchAll(/^\s*(\S+) => not found$/gm)].map((match) => match[1]);
  if (missing.length > 0)
    throw new TunesmithError(
      'incapable',
      `${which} needs shared libraries that are missing: ${[...new Set(missing)].join(', ')}`,
      {
        hint: 'run `npm run setup`',
      },
    );
  return [...done.stdout.matchAll(/(?:=> )?(\/\S+) \(0x/g)].flatMap((match) => {
    const source = match[1] as string;
    const path = root !== '' && source.startsWith(root) ? source.slice(root.length) : source;
    return { source, path };
  });
}

/** A file of this machine as an archive entry; links are followed, so the guest gets the file itself. */
export const fileEntry = ({ source, path }: GuestFile): Entry => ({
  kind: 'file',
  path,
  mode: lstatSync(realpathSync(source)).mode & 0o111 ? 0o755 : 0o644,
  body: { source },
});

/** Every file and link below a directory, to be found at `path` in the guest; in a stable order. */
export function treeEntries(source: string, path: string): Entry[] {
  return readdirSync(source, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((item): Entry[] => {
      const [from, to] = [join(source, item.name), join(path, item.name)];
      if (item.isDirectory()) return treeEntries(from, to);
      if (item.isSymbolicLink()) {
        const target = readlinkSync(from);
        return existsSync(from) ? [{ kind: 'link', path: to, to: target }] : [];
      }
      return item.isFile() ? [fileEntry({ source: from, path: to })] : [];
    });
}

/** Entries with every directory above them, once each, parents first: what an archive needs. */
export function withDirectories(entries: readonly Entry[]): Entry[] {
  const files = new Map(entries.map((entry) => [entry.path.replace(/^\/+/, ''), entry]));
  const dirs = new Set<string>();
  for (const path of files.keys())
    for (let dir = dirname(path); dir !== '.'; dir = dirname(dir)) dirs.add(dir);
  const made = [...dirs].sort().map((path): Entry => ({ kind: 'dir', path, mode: 0o755 }));
  const sorted = [...files]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([path, entry]): Entry => ({ ...entry, path }));
  return [...made, ...sorted];
}
