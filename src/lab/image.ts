import { createHash } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TunesmithError } from '../errors.js';
import { fileSlices, hashing, sha256Of, sha256OfSlices } from '../state/hash.js';
import { cacheDir, ensureDir, storeMade } from '../state.js';
import { fileEntry, libraryClosure, withDirectories } from './closure.js';
import { archiveSlices, type Entry } from './cpio.js';

/** An initramfs on disk. `sha256` is of its bytes: the same inputs give the same bytes. */
export interface Image {
  readonly path: string;
  readonly sha256: string;
  readonly bytes: number;
}

/** Mount points and places that programs expect. */
const PLACES = ['proc', 'sys', 'dev', 'tmp', 'run', 'root', 'var/tmp'];

const PASSWD = 'root:x:0:0:root:/root:/bin/sh\npostgres:x:1000:1000:postgres:/tmp:/bin/sh\n';
const GROUP = 'root:x:0:\npostgres:x:1000:\n';

const text = (path: string, body: string): Entry => ({
  kind: 'file',
  path,
  mode: 0o644,
  body: Buffer.from(body),
});

/** What every image has: the agent as /init, mount points, the two users. */
export const baseEntries = (agentPath: string): Entry[] => [
  ...PLACES.map((path): Entry => ({ kind: 'dir', path, mode: 0o755 })),
  { kind: 'file', path: 'init', mode: 0o755, body: { source: agentPath } },
  text('etc/passwd', PASSWD),
  text('etc/group', GROUP),
];

/** Programs of this machine with their shared libraries. @throws TunesmithError (incapable) when one is missing. */
export async function programEntries(
  programs: readonly string[],
  packages: readonly string[],
): Promise<Entry[]> {
  const absent = programs.filter((program) => !existsSync(program));
  if (absent.length > 0)
    throw new TunesmithError(
      'incapable',
      `the lab image needs ${absent.join(', ')}, which this machine lacks`,
      {
        hint: `run \`npm run setup\`, or install ${packages.join(' ')}`,
      },
    );
  const closures = await Promise.all(programs.map((program) => libraryClosure(program)));
  const files = [...programs.map((path) => ({ source: path, path })), ...closures.flat()];
  return files.map(fileEntry);
}

/** An archive laid behind an image's entries: the bytes of a file from `start` on. */
export interface Segment {
  readonly source: string;
  readonly start: number;
}

async function* imageSlices(entries: readonly Entry[], segments: readonly Segment[]): AsyncGenerator<Buffer> {
  yield* archiveSlices(entries);
  for (const { source, start } of segments) yield* fileSlices(source, start);
}

/** Whether these very bytes lie there. A trial's key says what the image is, so a damaged one must not be booted. */
async function isStored(path: string, sha256: string): Promise<boolean> {
  if (!existsSync(path)) return false;
  if ((await sha256Of(path)) === sha256) return true;
  process.stderr.write(`lab image ${path}: it was damaged; it is written again\n`);
  return false;
}

/**
 * Stores an image under the hash of its bytes, whole or not at all; one already there is used. `segments` are
 * archives laid behind the entries (the kernel unpacks concatenated archives in order). Read, hashed and written slice by
 * slice: an image has up to some hundred MB, and other callers are answered meanwhile.
 * @throws TunesmithError (incapable) when it cannot be stored, or one of its files is gone.
 */
export async function storeImage(
  entries: readonly Entry[],
  segments: readonly Segment[] = [],
): Promise<Image> {
  const all = withDirectories(entries);
  const home = ensureDir(cacheDir(), 'images');
  const sha256 = await sha256OfSlices(imageSlices(all, segments));
  const path = join(home, `${sha256}.cpio`);
  if (await isStored(path, sha256)) return { path, sha256, bytes: statSync(path).size };
  // Named by what was written: a program may have been upgraded since it was hashed.
  let written = sha256;
  const made = await storeMade(home, 'the lab image', async (part) => {
    const hash = createHash('sha256');
    await writeFile(part, hashing(imageSlices(all, segments), hash));
    written = hash.digest('hex');
    return `${written}.cpio`;
  });
  return { path: made, sha256: written, bytes: statSync(made).size };
}
