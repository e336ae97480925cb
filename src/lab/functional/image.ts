import { closeSync, openSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf, TunesmithError } from '../../errors.js';
import { agentPath, native } from '../../native.js';
import { cacheDir, ensureDir } from '../../state.js';
import { fileEntry, libraryClosure, withDirectories } from '../closure.js';
import { archiveSlices, type Entry } from '../cpio.js';
import { baseEntries } from '../image.js';
import { addonsAmong, GUEST_ROOT, projectEntries } from './project.js';
import { command, terminals, toolsHere } from './tools.js';

/** Where Debian has had these for years; both spellings must lead to the same files. */
const MERGED = ['bin', 'sbin', 'lib', 'lib64'];

const merged = (entry: Entry): Entry => {
  const path = entry.path.replace(/^\/?(bin|sbin|lib|lib64)\//, '/usr/$1/');
  return { ...entry, path };
};

/** libbpf is loaded by name at run time, so no `ldd` tells of it. */
const looseLibraries = (): string[] => {
  const libbpf = native().libbpf()?.path;
  return libbpf === undefined ? [] : [libbpf];
};

/** Everything in a functional guest: the agent, Node, the built project, tools, and all of their libraries. */
export async function functionalEntries(extra: readonly Entry[] = []): Promise<Entry[]> {
  const project = projectEntries();
  const own = [...toolsHere(), ...looseLibraries()];
  const files = [
    { source: process.execPath, path: '/usr/bin/node' },
    ...own.map((path) => ({ source: path, path })),
    ...(await libraryClosure([process.execPath, ...addonsAmong(project), ...own])),
  ];
  const all = [
    ...baseEntries(agentPath()),
    ...files.map(fileEntry),
    ...terminals(),
    command(GUEST_ROOT),
    ...project,
    ...extra,
  ].map(merged);
  return [...all, ...MERGED.map((path): Entry => ({ kind: 'link', path, to: `usr/${path}` }))];
}

/** An image with no name: gone when it is closed, or when this process dies in whatever way. */
export interface LooseImage {
  /** How QEMU, a process of the same user, opens it. */
  readonly path: string;
  readonly bytes: number;
  close(): void;
}

/**
 * Writes an image for one boot. It is not kept by its hash like a trial's: it has 150 MB, changes with every build
 * of the project, and is made in half a second.
 * @throws TunesmithError (incapable) when there is no room for it.
 */
export async function looseImage(entries: readonly Entry[]): Promise<LooseImage> {
  const name = join(ensureDir(cacheDir(), 'run'), `image-${Date.now()}.${process.pid}.part`);
  const fd = openSync(name, 'wx+', 0o600);
  let bytes = 0;
  try {
    unlinkSync(name);
    for await (const slice of archiveSlices(withDirectories(entries)))
      for (let at = 0; at < slice.length; ) {
        const written = writeSync(fd, slice, at);
        [at, bytes] = [at + written, bytes + written];
      }
  } catch (error) {
    closeSync(fd);
    throw new TunesmithError('incapable', `the lab image cannot be written: ${messageOf(error)}`, {
      hint: `make room in ${cacheDir()}, or set XDG_CACHE_HOME to another place`,
    });
  }
  return { path: `/proc/${process.pid}/fd/${fd}`, bytes, close: () => closeSync(fd) };
}
