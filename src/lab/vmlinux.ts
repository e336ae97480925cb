import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { execa } from 'execa';
import { hashing, inSlices, sha256OfSlices } from '../state/hash.js';
import { kept, keptAs } from '../state/kept.js';
import { Once } from '../state/once.js';
import { cacheDir, ensureDir, storeMade } from '../state.js';

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

/** What a packer's program makes of `input`, and null when it fails. */
async function unpacked(program: string, args: readonly string[], input: Buffer): Promise<Buffer | null> {
  const { failed, stdout } = await execa(program, args, {
    ...{ input, encoding: 'buffer', stderr: 'ignore', reject: false, maxBuffer: 1 << 30 },
  });
  return failed ? null : Buffer.from(stdout.buffer, stdout.byteOffset, stdout.byteLength);
}

/**
 * The uncompressed kernel, an ELF file; null when it cannot be had, or not in the size that the payload's last word says.
 * It is unpacked in a process of its own, and nobody waits for that but the caller.
 */
export async function extract(image: Buffer): Promise<Buffer | null> {
  const payload = payloadOf(image);
  const packer = PACKERS.find(({ magic }) => payload?.subarray(0, magic.length).equals(magic));
  if (!payload || !packer) return null;
  const [program, ...args] = packer.tool;
  // gzip's own format ends in that word; to the others' it was added.
  const input = program === 'gzip' ? payload : payload.subarray(0, -4);
  const kernel = await unpacked(program, args, input);
  return kernel?.length === payload.readUInt32LE(payload.length - 4) ? kernel : null;
}

/** Kernels being unpacked: who asks for the same meanwhile waits for the first. */
const making = new Once<string>();

/**
 * The file to hand to QEMU for a kernel: its own uncompressed ELF image where that can be booted directly (PVH),
 * which spares the guest two emulated seconds of decompression, else the kernel file itself. Same kernel, same
 * code either way. Cached by content.
 * @throws TunesmithError (incapable) when the image cannot be stored.
 */
export const bootFile = (vmlinuz: string): Promise<string> =>
  making.do(`${cacheDir()}\n${vmlinuz}`, () => madeBootFile(vmlinuz));

async function madeBootFile(vmlinuz: string): Promise<string> {
  const image = await readFile(vmlinuz);
  const home = ensureDir(cacheDir(), 'vmlinux');
  const id = (await sha256OfSlices(inSlices(image))).slice(0, 32);
  const known = await kept(home, 'kernel image', id);
  if (known) return known;
  const kernel = await extract(image);
  if (!kernel?.includes(PVH_NOTE)) return vmlinuz;
  return storeMade(home, 'the kernel image', async (part) => {
    const hash = createHash('sha256');
    await writeFile(part, hashing(inSlices(kernel), hash));
    return keptAs(id, hash.digest('hex'));
  });
}
