import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TunesmithError } from '../errors.js';
import { cacheDir, ensureDir, storeFile } from '../state.js';
import { fileEntry, libraryClosure, withDirectories } from './closure.js';
import { cpioArchive, type Entry } from './cpio.js';

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
  { kind: 'file', path: 'init', mode: 0o755, body: readFileSync(agentPath) },
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

/** Whether these very bytes lie there. A trial's key says what the image is, so a damaged one must not be booted. */
function isStored(path: string, bytes: Buffer): boolean {
  if (!existsSync(path)) return false;
  if (readFileSync(path).equals(bytes)) return true;
  process.stderr.write(`lab image ${path}: it was damaged; it is written again\n`);
  return false;
}

/**
 * Stores an image under the hash of its bytes, whole or not at all; one already there is used. `segments` are
 * archives laid behind the entries (the kernel unpacks concatenated archives in order).
 */
export function storeImage(entries: readonly Entry[], segments: readonly Buffer[] = []): Image {
  const bytes = Buffer.concat([cpioArchive(withDirectories(entries)), ...segments]);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const home = ensureDir(cacheDir(), 'images');
  const path = join(home, `${sha256}.cpio`);
  if (!isStored(path, bytes)) storeFile(home, `${sha256}.cpio`, bytes);
  return { path, sha256, bytes: bytes.length };
}
