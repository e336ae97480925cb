import { mapHelperHint } from './map-helpers.js';

/** A refusal in words: which rule it breaks, what it means, and the way out. */
export interface Refusal {
  readonly rule: string;
  readonly words: string;
  readonly hint: string;
}

type Row = readonly [pattern: RegExp, rule: string, words: string, hint: string];

/** What libbpf says before the kernel is asked, or when it refuses a map. `$1` is what the pattern caught. */
const LIBBPF: readonly Row[] = [
  [
    /extern \(func ksym\) '(\w+?)(?:___\w+)?': (?:not found|referenced but wasn't resolved|not resolved)/,
    'load/unknown-kfunc',
    'this kernel has no function $1 that BPF may call',
    'use one of its own scx_bpf_… functions; names changed in 6.13 and 7.1',
  ],
  [
    /extern \(func ksym\) '(\w+?)(?:___\w+)?': func_proto .* incompatible/,
    'load/kfunc-prototype',
    'this kernel’s $1 takes other arguments than the policy declares',
    'compile against the types of this very kernel',
  ],
  [
    /failed to open system Kconfig/,
    'load/kconfig',
    'the policy asks for the kernel’s configuration (CONFIG_…, __kconfig), and there is none at hand',
    'put config-RELEASE beside the vmlinuz or into /boot; or make the number a const volatile tunable',
  ],
  [
    /extern '(CONFIG_\w+)' \(strong\): not resolved|extern \(kcfg\) '(CONFIG_\w+)': (?:value .* not|not found|.*doesn't match)/,
    'load/kconfig',
    'the kernel was built without $1, or with a value of another type',
    'declare it __weak and have a value for when it is 0; n is 0, y is 1, and a text is a char array',
  ],
  [
    /extern \(var ksym\) '([^']+)'|failed to find .*extern .*'([^']+)'|extern '(\w+)' \(strong\): not resolved/,
    'load/unknown-symbol',
    'this kernel has no variable $1',
    'declare it __weak and test for it, or leave it out',
  ],
  [
    /struct_ops init_kern[^:]*: (?:Cannot find|cannot find) member (\S+)|member (\S+) is not found in kernel/i,
    'load/unknown-callback',
    'this kernel’s sched_ext_ops has no $1',
    'leave it out, or guard it by the types of the kernel it is for',
  ],
  [
    /failed to find BTF info for struct_ops\/?(\S*)|prog '([^']+)': .*(?:attach_btf_id|(?:not|isn't) referenced)/,
    'load/missing-program',
    'the program $1 is in no sched_ext_ops',
    'name it as a callback of the ops, or remove it',
  ],
  [
    /missing BPF prog type, check ELF section name '([^']+)'/,
    'load/section',
    'no kind of BPF program has the section $1',
    'callbacks are BPF_STRUCT_OPS(name, …), which is SEC("struct_ops/name")',
  ],
  [
    /map '([^']+)': failed to create: Argument list too long|Error in bpf_create_map_xattr\(([^)]+)\):\s*Argument list too long/,
    'load/map-size',
    'the kernel does not make the map $1: its values, or all of it, are larger than may be',
    'a value of a per-CPU map may have 32 KiB (PCPU_MIN_UNIT_SIZE); split it over several entries, or index a BPF_MAP_TYPE_ARRAY by CPU',
  ],
  [
    /map '([^']+)': failed to create: Cannot allocate memory|Error in bpf_create_map_xattr\(([^)]+)\):\s*Cannot allocate memory/,
    'load/map-memory',
    'there is no memory for the map $1 (a lab guest has some hundred MiB)',
    'give it fewer max_entries; a hash with BPF_F_NO_PREALLOC takes memory for what is in it alone',
  ],
  [
    /map '([^']+)': failed to create: Invalid argument|Error in bpf_create_map_xattr\(([^)]+)\):\s*Invalid argument/,
    'load/map',
    'the kernel takes no map like $1',
    'look at its type, key, value, max_entries and map_flags: task storage needs BPF_F_NO_PREALLOC and an int key, an array a u32 key, a queue no key, and max_entries may not be 0',
  ],
  [
    /Invalid size[\s\S]*Error loading \.BTF|Error loading \.BTF[\s\S]*-22/,
    'load/types',
    'the kernel does not take the object’s types: clang has made a static variable that has but two values smaller than its type',
    'declare such a variable without static, or volatile',
  ],
];

/** What the verifier says of a program. The first that fits counts, so what is special comes first. */
const VERIFIER: readonly Row[] = [
  [
    /invalid mem access '(?:rcu_|percpu_|trusted_|untrusted_)?(?:ptr_)?(\w+)_or_null_?'|[Pp]ossibly NULL pointer passed to (?:trusted |helper )?(arg\s?#?\d+)/,
    'load/null-check',
    'a pointer that may be NULL is followed or handed on ($1)',
    'compare it with NULL first and leave when it is',
  ],
  [
    /invalid mem access '(?:scalar|inv)'/,
    'load/verifier',
    'a number is followed as if it were a pointer',
    'follow only pointers from arguments, helpers and maps; read others with BPF_CORE_READ()',
  ],
  [
    /sleepable within rcu_read_lock|rcu read region|rcu_read_lock.{0,3}ed region|nested rcu|unmatched rcu|bpf_rcu_read_(?:un)?lock is missing/i,
    'load/rcu',
    'bpf_rcu_read_lock and bpf_rcu_read_unlock do not match on some path, or something that sleeps is called between them',
    'unlock once on every way out, and call what may sleep before or after',
  ],
  [
    /must be a rcu pointer|needs? rcu|requires? RCU|must be (?:referenced|trusted|referenced or trusted)|invalid mem access 'untrusted_ptr_'|is not trusted|expected pointer to trusted/i,
    'load/trusted',
    'a kernel function is given a pointer that may be of an object already gone',
    'in a callback that may sleep (init, init_task, …) and in timers, read such a field (p->cpus_ptr, p->real_parent, a kptr) between bpf_rcu_read_lock() and bpf_rcu_read_unlock(); or take a reference first (bpf_task_acquire, bpf_cgroup_from_id, bpf_kptr_xchg)',
  ],
  [
    /doesn't have constant offset|(?:kptr|graph node|timer|wq|task_work|dynptr|iter)\b.*variable offset/,
    'load/variable-offset',
    'what the kernel itself keeps in a value (a lock, a timer, a kptr, a list or tree) is reached by a computed index or offset',
    'look up the one value by its key, with such a field at a fixed place in it: a map whose entries are structures, instead of an array within one value or variable',
  ],
  [
    /variable offset: off=|variable \w+ access var_off=|negative offset \w+ ptr|invalid negative access/,
    'load/variable-offset',
    'a pointer into the kernel is moved by an amount that is known only when the policy runs',
    'name fields by constants; read an element of a kernel array by bpf_probe_read_kernel() or bpf_core_read() into a variable, and give functions pointers as they were had',
  ],
  [
    /holding a lock|spin_lock.{0,3}ed region|bpf_spin_unlock is missing|bpf_spin_(?:un)?lock .*(?:not|without)|must be held for|'?bpf_spin_lock'? at off|has no valid bpf_spin_lock|while (?:RES_)?(?:spin )?lock|lock.* are not allowed|acquired more than once/i,
    'load/lock',
    'under a bpf_spin_lock nearly nothing may be called, the lock is given back on every path, and lists and trees are touched only under it',
    'do the work before the lock and keep the result under it; functions called there are static, and neither helpers nor kfuncs are called',
  ],
  [
    /addr_space_cast insn can only be used in a program that has an associated arena|arena.* (?:not|must|only|can only)|associated arena/i,
    'load/arena',
    'memory of an arena is used in a program that does not name the arena’s map',
    'every callback that uses it has to refer to the map itself: call bpf_arena_alloc_pages(&arena, …), or a helper of yours that does',
  ],
  [
    /combined stack size|stack size \d|[Aa]ccess beyond the end of stack|looks like the BPF stack limit|call stack of \d+ frames|invalid (?:write|read) (?:to|from) stack.*off=-(?:5[2-9]\d|[6-9]\d\d|\d{4,})/,
    'load/stack',
    'more stack is used than the 512 bytes there are for a callback and all it calls, or functions call each other deeper than eight',
    'keep large things in a map; make a function that is called deep __always_inline or flatten it',
  ],
  [
    /invalid (?:unbounded )?variable-offset .*stack|variable offset stack|makes (?:fp|\w*stack\w*) pointer be out of bounds|invalid (?:write|read) (?:to|from) stack R\d+ off=-?\d+ size=\d+/,
    'load/bounds',
    'an index or a size may lie outside an array on the stack',
    'compare it with both bounds right before it is used (a signed one may be negative), or mask it: array[i & (SIZE - 1)], of a size that is a power of two',
  ],
  [
    /invalid (?:indirect )?read from stack|R\d+ !read_ok|misaligned stack access|invalid size of register (?:fill|spill)/,
    'load/uninitialised',
    'something is read that was never written on this path: a variable, a field of a structure, or what a function did not return',
    'give it a value where it is declared (struct s s = {};), and let every path of the function return one; what is divided by 0 or shifted too far has none either',
  ],
  [
    /infinite loop detected|back-edge from|loop is not bounded|jumps is too complex|program is too large|The sequence of \d+ jumps|BPF program is too large|too many (?:states|different)/,
    'load/unbounded-loop',
    'no end of a loop can be proven, or there are too many ways through the program to follow all (1 million instructions)',
    'give it a constant bound, or use bpf_for(), bpf_loop() or can_loop; count from a variable that is not known to the verifier',
  ],
  [
    /expected an initialized iter_|expected uninitialized iter_|iter_\w+ as arg|iterator/,
    'load/iterator',
    'an iterator is not begun, or not ended, on some path',
    'use bpf_for, bpf_for_each or bpf_repeat, which begin and end one by themselves; leave such a loop by break, not by goto out of it',
  ],
  [
    /Unreleased reference|reference leak|reference has not been acquired|expects refcounted PTR_TO_BTF_ID/,
    'load/reference',
    'a reference that was taken is not given back on every path (or not taken at all)',
    'pair every acquire with one release, also on early returns',
  ],
  [
    /At (?:program|subprogram|callback|async callback).* (?:exit|return).* should have been in|should have been in \[|R0 .*leaves? .*(?:return|unknown)/,
    'load/return-value',
    'the callback may return what the kernel does not take from it',
    'of ops: 0 or a negative error number (-ENOMEM), down to -4095; of a callback of bpf_loop: 0 to go on, 1 to stop; of a timer’s: 0. Bound what comes from elsewhere before it is returned',
  ],
  [
    /program must be sleepable|might_sleep|sleepable|can't sleep|attach to unsupported member/,
    'load/sleepable',
    'something that sleeps is called where nothing may sleep, or a callback is sleepable that must not be',
    'only init, exit, init_task, cgroup_init/exit/prep_move and cpu_online/offline may sleep, each if it is declared by BPF_STRUCT_OPS_SLEEPABLE, and no timer’s callback',
  ],
  [
    /calling kernel function (\S+) is not allowed/,
    'load/kfunc-context',
    '$1 may not be called from this callback',
    'call it from a callback the kernel allows it in; sleepable ones only from init, exit, init_task and cgroup_init',
  ],
  [
    /kfunc '(\w+?)(?:___\w+)?' is referenced but wasn't resolved/,
    'load/unknown-kfunc',
    'this kernel has no function $1 that BPF may call',
    'use one of its own scx_bpf_… functions; names changed in 6.13 and 7.1',
  ],
  [
    /(?:invalid|failed to resolve) CO-RE relocation|invalid func unknown#195896080|unknown#195896080/,
    'load/absent-field',
    'a field, type or enumerator is used that this kernel has not',
    'ask for it first (bpf_core_field_exists, bpf_core_type_exists, bpf_core_enum_value_exists), or compile against the types of this very kernel',
  ],
  [
    /(?:program of this type cannot use helper|unknown func) (\S+)/,
    'load/helper',
    'the helper $1 is not for scheduler policies',
    'use what struct_ops programs may call',
  ],
  [
    /timer pointer in R\d|has to have a? ?bpf_timer|bpf_timer|has no valid (?:timer|wq)|map '[^']*' has no valid/,
    'load/timer',
    'a timer is not where the kernel looks for it',
    'a struct bpf_timer is a field of a map’s value, and bpf_timer_init is given that very map',
  ],
  [
    /unbounded memory access|unbounded min value|makes (?:map_value|map_key|mem|pkt|arena)\w* pointer be out of bounds|min value is (?:negative|outside)|invalid access to (?:map value|memory|mem)|outside of the (?:allowed memory|array) range|max value is outside|invalid zero-sized read|makes pkt pointer/,
    'load/bounds',
    'an index or a size may lie outside what it is for',
    'compare it with the bounds right before it is used',
  ],
  [
    /write into|only read is supported|cannot write|no write access|not writable|writing? .*(?:disallowed|prohibited)|cannot .*write/i,
    'load/read-only',
    'a field is written that a policy may only read',
    'of a task, scx.slice, scx.dsq_vtime and scx.disallow may be written',
  ],
  [
    /dereference of modified|makes \w+ pointer be out of bounds|pointer offset -?\d+ is not allowed|pointer arithmetic|math between|cannot (?:add|subtract)|bitwise operator .* on pointer|pointer comparison prohibited|leaks addr|partial copy of pointer|invalid (?:shift|zero-extension)/,
    'load/pointer-arithmetic',
    'a pointer is computed with in a way that the verifier cannot follow',
    'index arrays and name fields, and leave pointers into the kernel as they are; numbers and pointers are not mixed',
  ],
  [
    /access beyond (?:struct|the end of) (\w+)|access beyond struct|cannot access (?:ptr )?member|invalid bpf_context access/,
    'load/field',
    'memory of the kernel is read where no field of that size is, or an argument that the callback does not get',
    'read fields by name from the type that the pointer has; the arguments of each callback are in struct sched_ext_ops of vmlinux.h',
  ],
  [
    /kptr|R\d+ has non-?owning|must be (?:a )?(?:non-)?owning|bpf_obj_new|local_kptr/i,
    'load/kptr',
    'a pointer that a map keeps is stored or read otherwise than it may be',
    'put it there and take it out by bpf_kptr_xchg, and give back what that returns',
  ],
  [
    /R\d+ is not a (?:scalar|known constant)/,
    'load/argument',
    'a function is given something else than the number that it takes',
    'hand it a number that has been given a value on every path, and where the verifier asks for a constant, one that is written out',
  ],
  [
    /Caller passes invalid args|arg#?\d+ .*(?:expected|must)|R\d+ type=\S+ expected=|expected pointer to|must point to|pointer type \S+ \S+ must|is expected to be|not a valid .*arg|func#\d+ .*arg|R\d+ is not a/,
    'load/argument',
    'a function is given something else than it takes',
    'compare with its prototype in vmlinux.h; arguments of a function of yours that is not static are marked __arg_trusted, __arg_nonnull or __arg_nullable, or the function is made static',
  ],
  [
    /unreachable insn|last insn is not|jump out of range|no subprog|dead code|falls? through|not an exit or jmp/i,
    'load/no-return',
    'a function does not come to a return on some path, most often because the compiler found undefined behaviour there',
    'return a value at its end, and look for a division by 0, a shift too wide or an endless loop before it',
  ],
  [
    /gpl/i,
    'load/licence',
    'the kernel loads schedulers of a GPL-compatible licence only',
    'char LICENSE[] SEC("license") = "Dual MIT/GPL";',
  ],
];

/** A write to an object of the kernel's: the kernel refuses what a policy may not write without a word. */
const STORE = /^\d+: \([0-9a-f]{2}\) \*\(u\d+ \*\)\(r\d+ [+-]\d+\) = /;

const ANY: Refusal = {
  rule: 'load/verifier',
  words: 'the verifier cannot prove the program safe',
  hint: 'see its own words, and the full log',
};

function first(rows: readonly Row[], text: string): Refusal | undefined {
  for (const [pattern, rule, words, hint] of rows) {
    const found = pattern.exec(text);
    const caught = found?.slice(1).find((part) => part !== undefined) ?? '';
    if (found) return { rule, words: words.replace('$1', caught), hint };
  }
  return undefined;
}

/** Why libbpf refused an object; undefined for words that are not known. */
export const libbpfRefusal = (messages: string): Refusal | undefined => first(LIBBPF, messages);

/** enum bpf_map_type (include/uapi/linux/bpf.h): what the verifier tells by number. */
const MAP_KINDS: readonly string[] =
  'UNSPEC HASH ARRAY PROG_ARRAY PERF_EVENT_ARRAY PERCPU_HASH PERCPU_ARRAY STACK_TRACE CGROUP_ARRAY LRU_HASH LRU_PERCPU_HASH LPM_TRIE ARRAY_OF_MAPS HASH_OF_MAPS DEVMAP SOCKMAP CPUMAP XSKMAP SOCKHASH CGROUP_STORAGE REUSEPORT_SOCKARRAY PERCPU_CGROUP_STORAGE QUEUE STACK SK_STORAGE DEVMAP_HASH STRUCT_OPS RINGBUF INODE_STORAGE TASK_STORAGE BLOOM_FILTER USER_RINGBUF CGRP_STORAGE ARENA INSN_ARRAY'.split(
    ' ',
  );

/** A helper that is given a map it does not take. */
function mapHelperRefusal(sentence: string, instruction: string): Refusal | undefined {
  const [, number, named] = /cannot pass map_type (\d+) into func (\w+)/.exec(sentence) ?? [];
  if (number !== undefined && named !== undefined) {
    const kind = MAP_KINDS[Number(number)] ?? number;
    const words = `${named} does not take a map of type BPF_MAP_TYPE_${kind}`;
    return { rule: 'load/map-helper', words, hint: mapHelperHint(named, kind) };
  }
  // A look-up reads a key, and a map without keys has one of no size: the verifier complains of that first.
  const keyed = /call (bpf_map_(?:lookup|update|delete)_elem)\b/.exec(instruction)?.[1];
  if (keyed === undefined || !/invalid zero-sized read/.test(sentence)) return undefined;
  const words = `${keyed} wants a key, and this map has none: it is a queue, a stack or a filter`;
  return { rule: 'load/map-helper', words, hint: mapHelperHint(keyed, 'QUEUE') };
}

/**
 * Why the verifier refused a program, by the sentence it stopped with, which may be missing, and the instruction it stopped
 * at.
 */
export function verifierRefusal(sentence: string, instruction = ''): Refusal {
  const kind = (words: string): Refusal => first(VERIFIER, words) ?? ANY;
  if (sentence === '' && STORE.test(instruction)) return kind('no write access');
  return mapHelperRefusal(sentence, instruction) ?? kind(sentence);
}

/** Each kind of refusal that has words of its own, in order: whose words it goes by, its rule and its hint. */
export const refusalKinds = (): readonly {
  readonly by: 'libbpf' | 'verifier';
  rule: string;
  hint: string;
}[] => [
  ...LIBBPF.map(([, rule, , hint]) => ({ by: 'libbpf' as const, rule, hint })),
  ...VERIFIER.map(([, rule, , hint]) => ({ by: 'verifier' as const, rule, hint })),
];
