/** One entry of an archive: a directory, a regular file or a symbolic link. */
export type Entry =
  | { readonly kind: 'dir'; readonly path: string; readonly mode: number }
  | { readonly kind: 'file'; readonly path: string; readonly mode: number; readonly body: Buffer }
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

/**
 * A newc cpio archive, the format the kernel unpacks as an initramfs
 * (Documentation/driver-api/early-userspace/buffer-format.rst). Owned by root, times zero, in the order given:
 * the same entries give the same bytes. Padded to 512 bytes so that archives can be concatenated.
 */
export function cpioArchive(entries: readonly Entry[]): Buffer {
  const parts: Buffer[] = [];
  entries.forEach((entry, index) => {
    const mode = TYPE_BITS[entry.kind] | (entry.kind === 'link' ? 0o777 : entry.mode);
    const body = entry.kind === 'file' ? entry.body : Buffer.from(entry.kind === 'link' ? entry.to : '');
    parts.push(...record(index + 1, entry.path, mode, body));
  });
  parts.push(...record(0, 'TRAILER!!!', 0, Buffer.alloc(0)));
  const size = parts.reduce((sum, part) => sum + part.length, 0);
  parts.push(Buffer.alloc((512 - (size % 512)) % 512));
  return Buffer.concat(parts);
}
