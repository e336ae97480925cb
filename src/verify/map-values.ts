import { elfSection } from '../lab/kernels/btf.js';

/** Kinds of BTF types (include/uapi/linux/btf.h). */
const KIND = { int: 1, ptr: 2, array: 3, struct: 4, union: 5, typedef: 8, var: 14, section: 15 } as const;
/** Bytes behind a type's first twelve, by kind: so many, and so many for each of its members. */
const BEHIND: Readonly<Record<number, readonly [fixed: number, each: number]>> = {
  1: [4, 0],
  3: [12, 0],
  4: [0, 12],
  5: [0, 12],
  6: [0, 8],
  13: [0, 8],
  14: [4, 0],
  15: [0, 12],
  17: [4, 0],
  19: [0, 12],
};
/** Names for names, one in the other: no more are followed. */
const DEEPEST = 32;

interface Type {
  readonly name: string;
  readonly kind: number;
  /** Bytes, or the type that this one is made of. */
  readonly rest: number;
  readonly members: readonly { readonly name: string; readonly type: number }[];
  /** Of a section: its variables, and how many bytes each has in the object. */
  readonly variables: readonly { readonly type: number; readonly bytes: number }[];
  /** Of an array: its elements. */
  readonly array?: { readonly type: number; readonly count: number };
}

function typesOf(btf: Buffer): Type[] {
  const header = btf.readUInt32LE(4);
  const [from, bytes, strings] = [8, 12, 16].map((at) => btf.readUInt32LE(at)) as [number, number, number];
  const text = (offset: number): string => {
    const at = header + strings + offset;
    return btf.toString('latin1', at, btf.indexOf(0, at));
  };
  const types: Type[] = [{ name: 'void', kind: 0, rest: 0, members: [], variables: [] }];
  for (let at = header + from; at < header + from + bytes; ) {
    const info = btf.readUInt32LE(at + 4);
    const [kind, count] = [(info >>> 24) & 0x1f, info & 0xffff];
    const [fixed, each] = BEHIND[kind] ?? [0, 0];
    const body = at + 12;
    types.push({
      ...{ name: text(btf.readUInt32LE(at)), kind, rest: btf.readUInt32LE(at + 8) },
      members:
        kind === KIND.struct || kind === KIND.union
          ? Array.from({ length: count }, (_, i) => ({
              name: text(btf.readUInt32LE(body + i * 12)),
              type: btf.readUInt32LE(body + i * 12 + 4),
            }))
          : [],
      variables:
        kind === KIND.section
          ? Array.from({ length: count }, (_, i) => ({
              type: btf.readUInt32LE(body + i * 12),
              bytes: btf.readUInt32LE(body + i * 12 + 8),
            }))
          : [],
      ...(kind === KIND.array && {
        array: { type: btf.readUInt32LE(body), count: btf.readUInt32LE(body + 8) },
      }),
    });
    at = body + fixed + each * count;
  }
  return types;
}

function sizeOf(types: readonly Type[], id: number, depth = 0): number | undefined {
  const type = types[id];
  if (type === undefined || depth > DEEPEST) return undefined;
  const { kind, rest, array } = type;
  if (kind === KIND.ptr) return 8;
  if (array !== undefined) {
    const one = sizeOf(types, array.type, depth + 1);
    return one === undefined ? undefined : one * array.count;
  }
  // What has a size of its own: numbers, structures, enumerations. The others are another name for something.
  return [1, 4, 5, 6, 16, 19].includes(kind) ? rest : sizeOf(types, rest, depth + 1);
}

/** What is read from an object's types; undefined when it has none, or they are cut off. */
function fromTypes<T>(object: Buffer, read: (types: readonly Type[]) => T): T | undefined {
  const btf = elfSection(object, '.BTF');
  if (btf === null || btf.length < 24) return undefined;
  try {
    return read(typesOf(btf));
  } catch (error) {
    if (error instanceof RangeError) return undefined; // cut off: whoever made it has to say so
    throw error;
  }
}

/** How large a value of one of an object's maps is, bytes; undefined when its types do not say. */
export const mapValueBytes = (object: Buffer, map: string): number | undefined =>
  fromTypes(object, (types) => {
    const variable = types.find(({ kind, name }) => kind === KIND.var && name === map);
    const value = types[variable?.rest ?? 0]?.members.find(({ name }) => name === 'value');
    const pointer = types[value?.type ?? 0];
    return pointer?.kind === KIND.ptr ? sizeOf(types, pointer.rest) : undefined;
  });

/** The variables that an object gives fewer bytes than their type has, by name: the kernel takes no such types. */
export const shrunkVariables = (object: Buffer): readonly string[] =>
  fromTypes(object, (types) =>
    types
      // What the kernel is to provide has its size there.
      .flatMap(({ name, variables }) => (name === '.ksyms' ? [] : variables))
      .filter(({ type }) => types[type]?.kind === KIND.var)
      .filter(({ type, bytes }) => bytes < (sizeOf(types, types[type]?.rest ?? 0) ?? 0))
      .map(({ type }) => types[type]?.name ?? ''),
  ) ?? [];
