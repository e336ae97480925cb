/** A refusal in words: which rule it breaks, what it means, and the way out. */
export interface Refusal {
  readonly rule: string;
  readonly words: string;
  readonly hint: string;
}

type Row = readonly [pattern: RegExp, rule: string, words: string, hint: string];

/** What libbpf says before the kernel is asked. `$1` is what the pattern caught. */
const LIBBPF: readonly Row[] = [
  [
    /extern \(func ksym\) '([^']+)': (?:not found|referenced but wasn't resolved|not resolved)/,
    'load/unknown-kfunc',
    'this kernel has no function $1 that BPF may call',
    'use one of its own scx_bpf_… functions; names changed in 6.13 and 7.1',
  ],
  [
    /extern \(func ksym\) '([^']+)': func_proto .* incompatible/,
    'load/kfunc-prototype',
    'this kernel’s $1 takes other arguments than the policy declares',
    'compile against the types of this very kernel',
  ],
  [
    /extern \(var ksym\) '([^']+)'|failed to find .*extern .*'([^']+)'/,
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
    /failed to find BTF info for struct_ops\/?(\S*)|prog '([^']+)': .*(?:attach_btf_id|not referenced)/,
    'load/missing-program',
    'the program $1 is in no sched_ext_ops',
    'name it as a callback of the ops, or remove it',
  ],
];

/** What the verifier says of a program. */
const VERIFIER: readonly Row[] = [
  [
    /invalid mem access '(\w+)_or_null'/,
    'load/null-check',
    'a pointer that may be NULL is followed ($1)',
    'compare it with NULL first and leave when it is',
  ],
  [
    /invalid mem access '(?:scalar|inv)'/,
    'load/verifier',
    'a number is followed as if it were a pointer',
    'follow only pointers from arguments, helpers and maps; read others with BPF_CORE_READ()',
  ],
  [
    /infinite loop detected|back-edge from|loop is not bounded|jumps is too complex|program is too large/,
    'load/unbounded-loop',
    'no end of a loop can be proven',
    'give it a constant bound, or use bpf_for() or bpf_loop()',
  ],
  [
    /(?:stack size|combined stack).*|Access beyond the end of stack|looks like the BPF stack limit/i,
    'load/stack',
    'more stack is used than the 512 bytes there are',
    'keep large things in a map',
  ],
  [
    /Unreleased reference|reference leak|reference has not been acquired/,
    'load/reference',
    'a reference that was taken is not given back on every path (or not taken at all)',
    'pair every acquire with one release, also on early returns',
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
    /(?:program of this type cannot use helper|unknown func) (\S+)/,
    'load/helper',
    'the helper $1 is not for scheduler policies',
    'use what struct_ops programs may call',
  ],
  [
    /might_sleep|sleepable|can't sleep|attach to unsupported member/,
    'load/sleepable',
    'something that sleeps is called where nothing may sleep, or a callback is sleepable that must not be',
    'only init, exit, init_task, cgroup_init/exit/prep_move and cpu_online/offline may sleep',
  ],
  [
    /unbounded memory access|unbounded min value|min value is (?:negative|outside)|(?:invalid access to map value|outside of the allowed memory range)/,
    'load/bounds',
    'an index or a size may lie outside what it is for',
    'compare it with the bounds right before it is used',
  ],
  [
    /gpl/i,
    'load/licence',
    'the kernel loads schedulers of a GPL-compatible licence only',
    'char LICENSE[] SEC("license") = "Dual MIT/GPL";',
  ],
  [
    /write into|only read is supported|cannot write|no write access|not writable/i,
    'load/read-only',
    'a field is written that a policy may only read',
    'of a task, scx.slice, scx.dsq_vtime and scx.disallow may be written',
  ],
];

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

/** Why the verifier refused a program, by the sentence it stopped with. */
export const verifierRefusal = (sentence: string): Refusal => first(VERIFIER, sentence) ?? ANY;
