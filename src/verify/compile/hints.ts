import { nearNames } from '../../near.js';

/** What there is to mean: the target kernel's names. */
export interface Names {
  readonly release: string;
  readonly kfuncs: readonly string[];
  readonly helpers: readonly string[];
  /** Enumerators and types of sched_ext: SCX_*, scx_*. */
  readonly constants: readonly string[];
}

interface Explanation {
  readonly rule: string;
  readonly hint?: string;
}

/** What Linux 6.12 called them; the names went away with 6.17 (../anchors: sched_ext's kfuncs by version). */
export const RENAMED: Readonly<Record<string, string>> = {
  scx_bpf_dispatch: 'scx_bpf_dsq_insert',
  scx_bpf_dispatch_vtime: 'scx_bpf_dsq_insert_vtime',
  scx_bpf_consume: 'scx_bpf_dsq_move_to_local',
  scx_bpf_dispatch_from_dsq: 'scx_bpf_dsq_move',
  scx_bpf_dispatch_vtime_from_dsq: 'scx_bpf_dsq_move_vtime',
  scx_bpf_dispatch_from_dsq_set_slice: 'scx_bpf_dsq_move_set_slice',
  scx_bpf_dispatch_from_dsq_set_vtime: 'scx_bpf_dsq_move_set_vtime',
};

const orNear = (name: string, known: readonly string[], otherwise: string): string => {
  const near = nearNames(name, known);
  return near.length > 0 ? `did you mean ${near.join(', ')}?` : otherwise;
};

/** The way out for a function that is neither a helper nor a kfunc of the target kernel. */
export function unknownFunctionHint(name: string, { release, kfuncs, helpers }: Names): string {
  const today = RENAMED[name];
  if (today !== undefined)
    return `since Linux 6.13 it is ${today}; write that, and #include "policy.bpf.h" makes it work on 6.12 too`;
  return orNear(
    name,
    [...kfuncs, ...helpers],
    `Linux ${release} has no kfunc or BPF helper of that name; a policy can call only those and its own functions`,
  );
}

function missingIncludeHint(name: string): string {
  if (name.startsWith('scx/'))
    return `${name} belongs to the scx project and is not shipped here: #include "policy.bpf.h" instead, or name a directory that has it (--include, scheds/include of a checkout of scx)`;
  if (name.startsWith('linux/') || name.startsWith('asm/'))
    return 'a policy takes the kernel’s types from "vmlinux.h", not from kernel headers';
  if (name.startsWith('std') || name === 'string.h')
    return 'there is no C library in the kernel; vmlinux.h and <bpf/bpf_helpers.h> have the types and functions';
  return 'there are "policy.bpf.h", "vmlinux.h" of the target kernel and <bpf/…> of libbpf; name other directories with --include';
}

type Rule = readonly [RegExp, (found: RegExpExecArray, names: Names) => Explanation];

/** clang's words, and what they mean in a policy. The first that fits counts. */
const RULES: readonly Rule[] = [
  [
    /call to undeclared (?:library )?function '(\w+)'/,
    ([, name = ''], names) => ({ rule: 'compile/unknown-function', hint: unknownFunctionHint(name, names) }),
  ],
  [
    /'([^']+)' file not found/,
    ([, name = '']) => ({ rule: 'compile/missing-include', hint: missingIncludeHint(name) }),
  ],
  [
    /redefinition of (?:enumerator )?'(\w+)'/,
    ([, name]) => ({
      rule: 'compile/redeclared',
      hint: `vmlinux.h has every type and enumerator of the kernel, ${name} among them unless the policy itself defines it twice: give what is the policy’s own another name, and drop what is the kernel’s`,
    }),
  ],
  [
    /conflicting types for '(\w+)'|redeclared/,
    ([, typed]) => ({
      rule: 'compile/redeclared',
      hint: `vmlinux.h declares ${typed ?? 'it'} already: drop the declaration, or give it a name with a suffix (${typed ?? 'name'}___mine), which is ignored when it is looked up`,
    }),
  ],
  [
    /incompatible pointer to integer conversion/,
    () => ({
      rule: 'compile/error',
      hint: 'cast it to a number: what scx_bpf_error, scx_bpf_exit and scx_bpf_dump print are numbers of 64 bits, texts too: (u64)p->comm for %s',
    }),
  ],
  [
    /redefinition of parameter 'ctx'/,
    () => ({
      rule: 'compile/redeclared',
      hint: 'BPF_STRUCT_OPS has a parameter ctx of its own, as BPF_PROG has: give yours another name',
    }),
  ],
  [
    /use of undeclared identifier '(\w+)'/,
    ([, name = ''], { constants, release }) => ({
      rule: 'compile/unknown-name',
      hint: name.startsWith('SCX_')
        ? orNear(name, constants, `sched_ext of Linux ${release} has no ${name}`)
        : 'declare it before its use; macros of kernel headers are not in vmlinux.h, only types and enumerators',
    }),
  ],
  [
    /no member named '(\w+)' in '([^']+)'|field designator '(\w+)' does not refer to any field in type '([^']+)'/,
    ([, member, type, field, owner], { release }) => ({
      rule: 'compile/unknown-field',
      hint: `${type ?? owner} of Linux ${release} has no ${member ?? field}; the fields a kernel has are in its vmlinux.h`,
    }),
  ],
  [
    /stack limit|dynamic stack allocation/i,
    () => ({
      rule: 'compile/stack',
      hint: 'a BPF function has 512 bytes of stack: keep large things in a map or a global variable',
    }),
  ],
  [
    /built-in function '(\w+)' is not supported/,
    ([, name]) => ({
      rule: 'compile/builtin',
      hint: `clang made a call of ${name} out of this: copy or clear less at once, or with __builtin_${name} and a constant size`,
    }),
  ],
  [
    /too many args|defined with too many|only integer returns|aggregate returns/i,
    () => ({
      rule: 'compile/call',
      hint: 'a BPF function takes at most five numbers or pointers and returns one',
    }),
  ],
  [
    /signed division/i,
    () => ({
      rule: 'compile/signed-division',
      hint: 'divide unsigned numbers (u64), after the sign was looked at',
    }),
  ],
];

/** The rule a message of clang's breaks, and the way out. */
export function explain(text: string, names: Names): Explanation {
  for (const [pattern, explanation] of RULES) {
    const found = pattern.exec(text);
    if (found) return explanation(found, names);
  }
  return { rule: 'compile/error' };
}
