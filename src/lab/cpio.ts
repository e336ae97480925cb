import { readFile } from 'node:fs/promises';
import { inSlices, SLICE } from '../state/hash.js';

/** A file of this machine: read when its archive is written. */
export interface Source {
  readonly source: string;
}

/** One entry of an archive: a directory, a regular file or a symbolic link. */
export type Entry =
  | { readonly kind: 'dir'; readonly path: string; readonly mode: number }
  | { readonly kind: 'file'; readonly path: string; readonly mode: number; readonly body: Buffer | Source }
  | { readonly kind: 'link'; readonly path: string; readonly to: string };

const TYPE_BITS = { dir: 0o040000, file: 0o100000, link: 0o120000 } as const;

const padding = (length: number): Buffer => Buffer.alloc((4 - (length % 4)) % 4);

function header(inode: number, mode: number, size: number, nameBytes: number): Buffer {
  // 13 fields: ino mode uid gid nlink mtime filesize devmajor devminor rdevmajor rdevminor namesize check.
  const fields = [inode, mode, 0, 0, 1, 0, size, 0, 0, 0, 0, nameBytes, 0];
  return Buffer.from(
    `070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}`,
    'latin1',
  );
}

function record(inode: number, path: string, mode: number, body: Buffer): Buffer[] {
  const name = Buffer.from(`${path.replace(/^\/+/, '')}\0`);
  const head = Buffer.concat([header(inode, mode, body.length, name.length), name]);
  return [head, padding(head.length), body, padding(body.length)];
}

const bodyOf = async (entry: Entry): Promise<Buffer> => {
  if (entry.kind === 'dir') return Buffer.alloc(0);
  if (entry.kind === 'link') return Buffer.from(entry.to);
  return Buffer.isBuffer(entry.body) ? entry.body : readFile(entry.body.source);
};

async function* parts(entries: readonly Entry[]): AsyncGenerator<Buffer> {
  let size = 0;
  const counted = (all: Buffer[]): Buffer[] => {
    for (const part of all) size += part.length;
    return all;
  };
  for (const [index, entry] of entries.entries()) {
    const mode = TYPE_BITS[entry.kind] | (entry.kind === 'link' ? 0o777 : entry.mode);
    yield* counted(record(index + 1, entry.path, mode, await bodyOf(entry)));
  }
  yield* counted(record(0, 'TRAILER!!!', 0, Buffer.alloc(0)));
  yield Buffer.alloc((512 - (size % 512)) % 512);
}

/**
 * A newc cpio archive, the format the kernel unpacks as an initramfs
 * (Documentation/driver-api/early-userspace/buffer-format.rst), slice by slice. Owned by root, times zero, in the order
 * given: the same entries give the same bytes. Padded to 512 bytes so that archives can be concatenated.
 */
export async function* archiveSlices(entries: readonly Entry[]): AsyncGenerator<Buffer> {
  let waiting: Buffer[] = [];
  let bytes = 0;
  for await (const part of parts(entries)) {
    waiting.push(part);
    bytes += part.length;
    if (bytes < SLICE) continue;
    yield* inSlices(Buffer.concat(waiting));
    [waiting, bytes] = [[], 0];
  }
  yield* inSlices(Buffer.concat(waiting));
}

/** The same as a whole. */
export async function cpioArchive(entries: readonly Entry[]): Promise<Buffer> {
  const slices: Buffer[] = [];
  for await (const slice of archiveSlices(entries)) slices.push(slice);
  return Buffer.concat(slices);
}
