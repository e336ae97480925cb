import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf, TunesmithError } from '../errors.js';
import { kept, keptName } from '../state/kept.js';
import { cacheDir, ensureDir } from '../state.js';

/** Compressed payloads by their magic number, and the Debian tool that opens each. */
const PACKERS = [
  { magic: Buffer.from([0x28, 0xb5, 0x2f, 0xfd]), tool: ['zstd', '-dc'] },
  { magic: Buffer.from([0x02, 0x21, 0x4c, 0x18]), tool: ['lz4', '-dc'] },
  { magic: Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]), tool: ['xz', '-dc'] },
  { magic: Buffer.from([0x1f, 0x8b, 0x08]), tool: ['gzip', '-dc'] },
] as const;

// An ELF note of owner "Xen" and type 18 (XEN_ELFNOTE_PHYS32_ENTRY): the entry point QEMU boots directly.
const PVH_NOTE = Buffer.from([0x12, 0, 0, 0, 0x58, 0x65, 0x6e, 0x00]);

/**
 * The compressed kernel in a bzImage, by its set-up header (Documentation/arch/x86/boot.rst: payload_offset at
 * 0x248, behind the set-up sectors, payload_length at 0x24c); null when the file does not hold all of it.
 */
function payloadOf(image: Buffer): Buffer | null {
  if (image.length < 0x250) return null;
  const start = ((image[0x1f1] || 4) + 1) * 512 + image.readUInt32LE(0x248);
  const end = start + image.readUInt32LE(0x24c);
  return end <= image.length && end - start > 4 ? image.subarray(start, end) : null;
}

/** The uncompressed kernel, an ELF file; null when it cannot be had, or not in the size that the payload's last word says. */
export function extract(image: Buffer): Buffer | null {
  const payload = payloadOf(image);
  const packer = PACKERS.find(({ magic }) => payload?.subarray(0, magic.length).equals(magic));
  if (!payload || !packer) return null;
  const [program, ...args] = packer.tool;
  // gzip's own format ends in that word; to the others' it was added.
  const input = program === 'gzip' ? payload : payload.subarray(0, -4);
  try {
    const kernel = execFileSync(program, args, {
      input,
      maxBuffer: 1 << 30,
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    return kernel.length === payload.readUInt32LE(payload.length - 4) ? kernel : null;
  } catch {
    return null;
  }
}

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/**
 * The file to hand to QEMU for a kernel: its own uncompressed ELF image where that can be booted directly (PVH),
 * which spares the guest two emulated seconds of decompression, else the kernel file itself. Same kernel, same
 * code either way. Cached by content.
 * @throws TunesmithError (incapable) when the image cannot be stored.
 */
export function bootFile(vmlinuz: string): string {
  const image = readFileSync(vmlinuz);
  const home = ensureDir(cacheDir(), 'vmlinux');
  const id = sha256(image).slice(0, 32);
  const known = kept(home, 'kernel image', id);
  if (known) return known;
  const kernel = extract(image);
  if (!kernel?.includes(PVH_NOTE)) return vmlinuz;
  const path = join(home, keptName(id, kernel));
  const part = `${path}.${process.pid}.part`;
  try {
    writeFileSync(part, kernel);
    renameSync(part, path);
    return path;
  } catch (error) {
    rmSync(part, { force: true });
    throw new TunesmithError(
      'incapable',
      `the kernel image cannot be stored in ${home}: ${messageOf(error)}`,
      {
        hint: 'make room there, or set XDG_CACHE_HOME to another place',
        cause: error,
      },
    );
  }
}
