import { elfSection } from '../../lab/kernels/btf.js';

const SYMBOL_BYTES = 24;
const STRONG = 1;

/** Names that an object file leaves to the kernel, and cannot do without (elf(5): global, not weak, undefined). */
export function strongUndefined(object: Buffer): string[] {
  const [symbols, strings] = [elfSection(object, '.symtab'), elfSection(object, '.strtab')];
  if (!symbols || !strings) return [];
  const names: string[] = [];
  for (let at = 0; at + SYMBOL_BYTES <= symbols.length; at += SYMBOL_BYTES) {
    const name = symbols.readUInt32LE(at);
    const isUndefined = symbols.readUInt16LE(at + 6) === 0;
    if (name === 0 || !isUndefined || symbols.readUInt8(at + 4) >> 4 !== STRONG) continue;
    names.push(strings.toString('utf8', name, strings.indexOf(0, name)));
  }
  return names;
}

/** Whether an object holds a table of operations, in whichever of the two sections libbpf knows. */
export const hasOperations = (object: Buffer): boolean =>
  ['.struct_ops', '.struct_ops.link'].some((name) => elfSection(object, name) !== null);
