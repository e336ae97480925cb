import { closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { messageOf, usageError } from '../../errors.js';
import type { Arch } from '../arch.js';

/** First bytes of a file; fewer when it is shorter. */
function head(path: string, bytes: number): Buffer {
  const fd = openSync(path, 'r');
  try {
    const buffer = Buffer.alloc(bytes);
    return buffer.subarray(0, readSync(fd, buffer, 0, bytes, 0));
  } finally {
    closeSync(fd);
  }
}

const HINT = 'give a vmlinuz file, a version such as 6.18, or a role: cfs, eevdf, scx, newest';

/**
 * The release a bzImage says it is, such as `6.1.0-56-cloud-amd64`, read from its set-up header
 * (Documentation/arch/x86/boot.rst: boot flag at 0x1fe, "HdrS" at 0x202, offset of the version text at 0x20e).
 */
function x86Release(path: string, bytes: Buffer, size: number): string | undefined {
  const isKernel = bytes.length > 0x400 && bytes.readUInt16LE(0x1fe) === 0xaa55;
  if (!isKernel || bytes.toString('latin1', 0x202, 0x206) !== 'HdrS')
    throw usageError('--kernel', path, 'is not a Linux x86 kernel image (bzImage)', HINT);
  // What the boot loader is to load: set-up sectors (0 means 4) and 16-byte paragraphs. A signature may follow.
  const least = ((bytes[0x1f1] || 4) + 1) * 512 + bytes.readUInt32LE(0x1f4) * 16;
  if (size < least)
    throw usageError('--kernel', path, `is truncated: ${size} bytes of at least ${least}`, HINT);
  const at = bytes.readUInt16LE(0x20e) + 0x200;
  return /^[\w.+~-]+/.exec(bytes.toString('latin1', at, at + 128))?.[0];
}

/** The same of an arm64 Image (Documentation/arch/arm64/booting.rst: magic at 56), from its banner: it is not packed. */
function arm64Release(path: string, bytes: Buffer): string | undefined {
  if (bytes.toString('latin1', 56, 60) !== 'ARM\x64')
    throw usageError('--kernel', path, 'is not a Linux arm64 kernel image (Image, not compressed)', HINT);
  const image = readFileSync(path);
  const at = image.indexOf('Linux version ');
  return at < 0 ? undefined : /^Linux version ([\w.+~-]+)/.exec(image.toString('latin1', at, at + 128))?.[1];
}

/**
 * The release a kernel image says it is, such as `6.18.15+deb13-cloud-arm64`.
 * @throws TunesmithError (usage) naming --kernel when the file is not a kernel for `arch`, or not a whole one.
 */
export function kernelRelease(path: string, arch: Arch = 'x64'): string {
  let bytes: Buffer;
  let size: number;
  try {
    const file = statSync(path);
    if (!file.isFile()) throw new Error('not a file');
    size = file.size;
    bytes = head(path, 64 * 1024);
  } catch (error) {
    throw usageError('--kernel', path, `cannot be read: ${messageOf(error)}`, HINT);
  }
  const release = arch === 'arm64' ? arm64Release(path, bytes) : x86Release(path, bytes, size);
  if (release === undefined)
    throw usageError('--kernel', path, 'is a kernel image that names no release', HINT);
  return release;
}
