/**
 * Sources of any length, each made to cost a rule that looks at everything for everything: what grows with the square of
 * the length shows at 256 KiB at the latest. They are C, most of them a policy too.
 */
export interface Shape {
  readonly name: string;
  /** A source of about so many characters. */
  of(characters: number): string;
}

const HEAD = '#include "policy.bpf.h"\nchar LICENSE[] SEC("license") = "Dual MIT/GPL";\n';
const TAIL =
  'SCX_OPS_DEFINE(x_ops, .enqueue = (void *)x_enqueue, .dispatch = (void *)x_dispatch, .name = "x");\n';
const ENQUEUE = 'void BPF_STRUCT_OPS(x_enqueue, struct task_struct *p, u64 enq_flags)\n';

/** A text whose parts are numbered, repeated up to a length. */
function many(characters: number, part: (n: number) => string): string {
  const parts: string[] = [];
  for (let [n, length] = [0, 0]; length < characters; n++) {
    const one = part(n);
    parts.push(one);
    length += one.length;
  }
  return parts.join('');
}

/** In ops.enqueue, after it, or before it. */
const body = (name: string, part: (n: number) => string): Shape => ({
  name,
  of: (characters) => `${HEAD}${ENQUEUE}{\n${many(characters, part)}}\n${TAIL}`,
});
const outside = (name: string, part: (n: number) => string): Shape => ({
  name,
  of: (characters) => `${HEAD}${many(characters, part)}${ENQUEUE}{\n}\n${TAIL}`,
});
const plain = (name: string, part: (n: number) => string): Shape => ({
  name,
  of: (characters) => many(characters, part),
});

const nested = (open: string, close: string, depth: number): string =>
  open.repeat(depth) + close.repeat(depth);

export const SHAPES: readonly Shape[] = [
  body('look-ups of one variable', () => 'u64*p=bpf_map_lookup_elem(&m,&k);*p=1;'),
  body('look-ups of many variables', (n) => `u64*p${n}=bpf_map_lookup_elem(&m,&k);*p${n}=1;\n`),
  body('inserts on one level', () => 'scx_bpf_dsq_insert(p, 1, 5000000, 0);\n'),
  body('inserts under conditions', () => 'if (enq_flags) scx_bpf_dsq_insert(p, 1, 5000000, 0);\n'),
  body(
    'inserts by virtual time and in order',
    () => 'scx_bpf_dsq_insert_vtime(p, 1, 1, p->scx.dsq_vtime, 0);scx_bpf_dsq_insert(p, 1, 1, 0);\n',
  ),
  body('inserts into many queues', (n) => `scx_bpf_dsq_insert(p, ${n}, 5000000, 0);\n`),
  body('inserts on CPUs', (n) => `scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL_ON | ${n}, 1, 0);\n`),
  body('early ways out', () => 'if (enq_flags) return;bpf_printk("x");\n'),
  body('printing', () => 'bpf_printk("x");'),
  body('gotos', (n) => `if (enq_flags & ${n}) goto l${n}; l${n}:;\n`),
  body('loops in a row', () => 'while (1) { if (enq_flags) break; }\n'),
  body('endless loops', () => 'while (1) { enq_flags++; }\n'),
  body('nested loops', () => `${nested('while (1) {', '}', 100)}\n`),
  body('nested blocks', () => `${nested('{ u64 a; if (enq_flags) {', '} }', 60)}\n`),
  body('else after else', () => `${'if (enq_flags) return; else '.repeat(100)}return;\n`),
  body('divisions', (n) => `enq_flags += 1 / t${n}->weight;\n`),
  body('calls of kfuncs', () => 'bpf_cpumask_test_cpu(0, p->cpus_ptr);\n'),
  body('unknown kfuncs', (n) => `scx_bpf_no_such_kfunc_${n}();\n`),
  body('old kfuncs', () => 'scx_bpf_dispatch(p, 0, 0, 0);\n'),
  body('references', () => 'bpf_task_from_pid(7);bpf_cpumask_create();\n'),
  body(
    'names of tasks',
    (n) => `char c${n}[16]; bpf_get_current_comm(c${n}, 16); if (c${n}[0] == c0[${n}]) enq_flags++;\n`,
  ),
  body('calls within calls', () => `min(${'min(enq_flags, '.repeat(60)}1${')'.repeat(60)}, 2);\n`),
  body('pushes', () => 'bpf_map_push_elem(&m, p, 0);\n'),
  body('long sums', () => `enq_flags = ${'1 + '.repeat(700)}1;\n`),
  body('comparisons', () => 'enq_flags = p->pid == 4711;\n'),
  body('assignments in a chain', () => `${'enq_flags = '.repeat(500)}1;\n`),
  body('stores', (n) => `p->scx.slice = ${n}; p->prio = ${n};\n`),
  body('macro loops', () => 'bpf_for(i, 0, 9) scx_bpf_dsq_move_to_local(1);\n'),
  body('declarations', (n) => `u64 a${n}[900];\n`),
  body('switches', (n) => `switch (enq_flags) { case ${n}: break; default: return; }\n`),
  outside('functions', (n) => `static u64 f${n}(u64 a)\n{\n\treturn a ? a : 1;\n}\n`),
  outside('functions that call the next', (n) => `static u64 f${n}(u64 a) { return f${n + 1}(a); }\n`),
  outside('functions with a section', (n) => `SEC("tp_btf/x") int f${n}(void *c) { return f0(c); }\n`),
  outside('timers', (n) => `static int f${n}(void *m) { bpf_timer_set_callback(m, f${n}); return 0; }\n`),
  outside(
    'maps',
    (n) =>
      `struct { __uint(type, BPF_MAP_TYPE_HASH); __type(key, u32); __type(value, u64); } m${n} SEC(".maps");\n`,
  ),
  outside('macros', (n) => `#define M${n} M${n + 1} + M${n + 2}\n`),
  outside('macros with arguments', (n) => `#define M${n}(a) f${n}(a) + M${n + 1}(a)\n`),
  {
    name: 'calls of a large macro',
    of: (characters) => {
      const half = Math.floor(characters / 2);
      const macro = `static int f0(int a)\n{\n\treturn a;\n}\n#define BIG(a) ${many(half, () => 'f0(a) + ')}1\n`;
      return `${HEAD}${macro}${ENQUEUE}{\n${many(half, () => 'BIG(1);')}}\n${TAIL}`;
    },
  },
  outside('continued lines', () => '#define L a \\\n b \\\n c\n'),
  outside('enumerators', (n) => `enum e${n} { A${n}, B${n}, C${n} = A${n} + 1 };\n`),
  outside(
    'queues that are created',
    (n) => `static int q${n}(void) { return scx_bpf_create_dsq(${n}, -1); }\n`,
  ),
  outside('tunables', (n) => `const volatile u64 t${n} = ${n};\n`),
  outside('comments', () => '/* a comment */ // and another\n'),
  outside('one long line', () => 'SEC("x") static u64 a; '),
  outside('blank lines', () => '\n'),
  outside('blanks', () => ' '),
  plain('tables', (n) => `SCX_OPS_DEFINE(x${n}_ops, .enqueue = (void *)x_enqueue, .name = "x");\n`),
  plain('members of a table', (n) => `${n === 0 ? 'struct sched_ext_ops o = { ' : ''}.m${n} = (void *)f, `),
  plain('names in a table', () => 'struct sched_ext_ops o = { .enqueue = (void *)f + 1 };'),
  plain('brackets that stay open', () => 'SEC('),
  plain('tables that stay open', () => 'X_OPS_DEFINE(x, '),
  plain('opened and closed', () => '(){}[]'),
  plain('no C', () => 'once upon a time '),
  plain('hyphens', () => '-'),
  plain('underscores', () => '_a'),
  plain('enum, and no more', () => 'enum '),
  plain('quotes', () => '"\\"'),
  plain('comments that stay open', () => '/*'),
];
