import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDir, ensureDir } from '../state.js';

/** Compressed payloads of a bzImage by their magic number, and the Debian tool that opens each. */
const PACKERS = [
  { magic: Buffer.from([0x28, 0xb5, 0x2f, 0xfd]), tool: ['zstd', '-dc'] },
  { magic: Buffer.from([0x02, 0x21, 0x4c, 0x18]), tool: ['lz4', '-dc'] },
  { magic: Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]), tool: ['xz', '-dc', '--single-stream'] },
  { magic: Buffer.from([0x1f, 0x8b, 0x08]), tool: ['gzip', '-dc'] },
] as const;

const ELF = Buffer.from([0x7f, 0x45, 0x4c, 0x46]);
// An ELF note of owner "Xen" and type 18 (XEN_ELFNOTE_PHYS32_ENTRY): the entry point QEMU boots directly.
const PVH_NOTE = Buffer.from([0x12, 0, 0, 0, 0x58, 0x65, 0x6e, 0x00]);

/** Output of a decompressor that may complain about bytes behind the payload; null when it gave no ELF file. */
function unpack(tool: readonly string[], packed: Buffer): Buffer | null {
  const [program, ...args] = tool as [string, ...string[]];
  let out: Buffer;
  try {
    out = execFileSync(program, args, {
      input: packed,
      maxBuffer: 512 << 20,
      stdio: ['pipe', 'pipe', 'ignore'],
    });
  } catch (error) {
    out = (error as { stdout?: Buffer }).stdout ?? Buffer.alloc(0);
  }
  return out.subarray(0, 4).equals(ELF) ? out : null;
}

function extract(image: Buffer): Buffer | null {
  for (const { magic, tool } of PACKERS) {
    for (let at = image.indexOf(magic); at >= 0; at = image.indexOf(magic, at + 1)) {
      const kernel = unpack(tool, image.subarray(at));
      if (kernel) return kernel;
    }
  }
  return null;
}

/**
 * The file to hand to QEMU for a kernel: its own uncompressed ELF image where that can be booted directly (PVH),
 * which spares the guest two emulated seconds of decompression, else the kernel file itself. Same kernel, same
 * code either way. Cached by content.
 */
export function bootFile(vmlinuz: string): string {
  const image = readFileSync(vmlinuz);
  const path = join(
    ensureDir(cacheDir(), 'vmlinux'),
    createHash('sha256').update(image).digest('hex').slice(0, 32),
  );
  if (existsSync(path)) return path;
  const kernel = extract(image);
  if (!kernel?.includes(PVH_NOTE)) return vmlinuz;
  const part = `${path}.${process.pid}.part`;
  writeFileSync(part, kernel);
  renameSync(part, path);
  return path;
}
