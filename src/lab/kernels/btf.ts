import { readFile } from 'node:fs/promises';
import { TunesmithError } from '../../errors.js';
import { kept, keptName } from '../../state/kept.js';
import { Once } from '../../state/once.js';
import { cacheDir, ensureDir, storeFile } from '../../state.js';
import { extract } from '../vmlinux.js';
import type { LabKernel } from './resolve.js';

/** A section of a little-endian 64-bit ELF file by its name (elf(5)); null when there is none. */
export function elfSection(elf: Buffer, name: string): Buffer | null {
  if (elf.length < 64 || elf.toString('latin1', 0, 6) !== '\x7fELF\x02\x01') return null;
  const [table, size, count, names] = [
    Number(elf.readBigUInt64LE(0x28)),
    elf.readUInt16LE(0x3a),
    elf.readUInt16LE(0x3c),
    elf.readUInt16LE(0x3e),
  ];
  if (size < 64 || names >= count || table + count * size > elf.length) return null;
  const headers = Array.from({ length: count }, (_, i) => elf.subarray(table + i * size));
  const body = (header: Buffer): Buffer => {
    const at = Number(header.readBigUInt64LE(0x18));
    return elf.subarray(at, at + Number(header.readBigUInt64LE(0x20)));
  };
  const strings = body(headers[names] as Buffer);
  const isIt = (header: Buffer): boolean => {
    const from = header.readUInt32LE(0);
    return strings.toString('latin1', from, from + name.length + 1) === `${name}\0`;
  };
  const found = headers.find(isIt);
  return found ? body(found) : null;
}

/**
 * Whether bytes are one whole BTF blob: its magic number, and a header (Documentation/bpf/btf.rst) whose type and
 * string sections end where the bytes do.
 */
export function isBtf(bytes: Buffer): boolean {
  if (bytes.length < 24 || bytes.readUInt16LE(0) !== 0xeb9f) return false;
  const [header, types, typeBytes, strings, stringBytes] = [4, 8, 12, 16, 20].map((at) =>
    bytes.readUInt32LE(at),
  ) as [number, number, number, number, number];
  return header + Math.max(types + typeBytes, strings + stringBytes) === bytes.length;
}

/** A BTF header as kernels have it: magic number, version 1, no flags, 24 bytes long; its types come first. */
const BTF_HEAD = Buffer.from([0x9f, 0xeb, 1, 0, 24, 0, 0, 0, 0, 0, 0, 0]);

/** The largest whole BTF blob in an image without sections, as arm64's is; null when there is none. */
function embeddedBtf(image: Buffer): Buffer | null {
  let best: Buffer | null = null;
  for (let at = image.indexOf(BTF_HEAD); at >= 0; at = image.indexOf(BTF_HEAD, at + 1)) {
    if (at + 24 > image.length) break;
    const bytes = 24 + image.readUInt32LE(at + 16) + image.readUInt32LE(at + 20);
    const blob = image.subarray(at, at + bytes);
    if (isBtf(blob) && blob.at(-1) === 0 && bytes > (best?.length ?? 0)) best = blob;
  }
  return best;
}

/** The types in a kernel file of either architecture; undefined when it cannot be unpacked. */
async function typesIn(file: Buffer): Promise<Buffer | null | undefined> {
  if (file.toString('latin1', 56, 60) === 'ARM\x64') return embeddedBtf(file);
  const image = await extract(file);
  return image === null ? undefined : elfSection(image, '.BTF');
}

const EXT = '.btf';

type BtfKernel = Pick<LabKernel, 'release' | 'vmlinuz' | 'sha256'>;

/** Types being taken out: who asks for the same meanwhile waits for the first. */
const making = new Once<string>();

/**
 * The file with a lab kernel's types: what a guest that runs it shows as /sys/kernel/btf/vmlinux, taken from the
 * kernel image itself, so that no guest need boot. Cached by the kernel's checksum; one that is damaged is made again.
 * @throws TunesmithError (incapable) when the kernel was built without BTF, cannot be unpacked, or there is no room.
 */
export const kernelBtf = (kernel: BtfKernel): Promise<string> =>
  making.do(`${cacheDir()}\n${kernel.sha256}`, () => madeBtf(kernel));

async function madeBtf(kernel: BtfKernel): Promise<string> {
  const home = ensureDir(cacheDir(), 'btf');
  const known = await kept(home, 'kernel types', kernel.sha256, { ext: EXT });
  if (known !== null) return known;
  const btf = await typesIn(await readFile(kernel.vmlinuz));
  if (!btf || !isBtf(btf))
    throw new TunesmithError(
      'incapable',
      `lab kernel ${kernel.release} has no types (BTF)${btf === undefined ? ', or cannot be unpacked' : ''}`,
      { hint: 'policies need a kernel built with CONFIG_DEBUG_INFO_BTF=y, such as Debian’s' },
    );
  return storeFile(home, keptName(kernel.sha256, btf, EXT), btf);
}
