/** A policy that the real kernel refuses, and what must be said of it. */
export interface Told {
  readonly rule: string;
  /** Words of the hint. */
  readonly hint: string;
  /** Words of the kernel's or libbpf's own. */
  readonly says: RegExp;
  /** Callbacks and what they use; the line that is to blame ends in a comment, unless no line is told. */
  readonly body: string;
  readonly licence?: string;
  /** The kernel it is compiled for; default: the one it is loaded on. */
  readonly kernel?: 'newest';
  /** Whether the guest has its kernel's configuration. */
  readonly config?: boolean;
}

/** Ends the line that a finding must name. */
export const HERE = '/* here */';

/** The whole source of a policy: every callback that the body has is in its ops. */
export function sourceOf({ body, licence = 'Dual MIT/GPL' }: Told): string {
  const callbacks = [...body.matchAll(/BPF_STRUCT_OPS(?:_SLEEPABLE)?\(told_(\w+)/g)].map(
    ([, name]) => `.${name} = (void *)told_${name}, `,
  );
  const ops = `SCX_OPS_DEFINE(told_ops, ${callbacks.join('')}.name = "told");`;
  return `#include "policy.bpf.h"\nchar LICENSE[] SEC("license") = "${licence}";\n${body}\n${body.includes('.struct_ops.link') ? '' : ops}\n`;
}

const map = (type: string, value: string, more = '__uint(max_entries, 4); __type(key, u32);'): string =>
  `struct { __uint(type, BPF_MAP_TYPE_${type}); ${more} __type(value, ${value}); } told_map SEC(".maps");`;
const running = (...lines: string[]): string =>
  ['void BPF_STRUCT_OPS(told_running, struct task_struct *p)', '{', ...lines, '}'].join('\n');
const init = (...lines: string[]): string =>
  ['s32 BPF_STRUCT_OPS_SLEEPABLE(told_init)', '{', ...lines, 'return 0;', '}'].join('\n');

/** What libbpf says: it knows no lines. */
export const BY_LIBBPF: readonly Told[] = [
  {
    rule: 'load/unknown-kfunc',
    hint: 'names changed in 6.13 and 7.1',
    says: /extern \(func ksym\) 'scx_bpf_nr_cids___sure': not found/,
    kernel: 'newest',
    body: `extern u32 scx_bpf_nr_cids___sure(void) __ksym;\nu64 seen;\n${running('seen = scx_bpf_nr_cids___sure();')}`,
  },
  {
    rule: 'load/kfunc-prototype',
    hint: 'compile against the types of this very kernel',
    says: /'scx_bpf_kick_cpu\w*': func_proto .* incompatible/,
    body: `extern u64 scx_bpf_kick_cpu___odd(struct task_struct *p) __ksym;\n${running('scx_bpf_kick_cpu___odd(p);')}`,
  },
  {
    rule: 'load/kconfig',
    hint: 'put config-RELEASE beside the vmlinuz',
    says: /failed to open system Kconfig/,
    body: `extern unsigned long CONFIG_HZ __kconfig;\nu64 seen;\n${running('seen = CONFIG_HZ;')}`,
  },
  {
    rule: 'load/kconfig',
    hint: 'declare it __weak',
    says: /built without CONFIG_TUNESMITH_NOWHERE/,
    config: true,
    body: `extern unsigned long CONFIG_TUNESMITH_NOWHERE __kconfig;\nu64 seen;\n${running('seen = CONFIG_TUNESMITH_NOWHERE;')}`,
  },
  {
    rule: 'load/unknown-symbol',
    hint: 'declare it __weak and test for it',
    says: /'tunesmith_nothing'/,
    body: `extern const int tunesmith_nothing __ksym;\nint seen;\n${running('seen = *(const int *)&tunesmith_nothing;')}`,
  },
  {
    rule: 'load/unknown-callback',
    hint: 'guard it by the types of the kernel it is for',
    says: /[Cc]annot find member sub_attach/,
    kernel: 'newest',
    body: `${running('')}\ns32 BPF_STRUCT_OPS_SLEEPABLE(told_sub_attach, struct scx_sub_attach_args *args) { return 0; }`,
  },
  {
    rule: 'load/missing-program',
    hint: 'name it as a callback of the ops',
    says: /told_unused/,
    body: `${running('')}\nSEC("struct_ops/unused") void BPF_PROG(told_unused, struct task_struct *p) {}`,
  },
  {
    rule: 'load/section',
    hint: 'SEC("struct_ops/name")',
    says: /struct_op\/enqueue/,
    body: `${running('')}\nSEC("struct_op/enqueue") void BPF_PROG(told_unused, struct task_struct *p) {}`,
  },
  {
    rule: 'load/map-size',
    hint: 'may have 32 KiB',
    says: /a value of told_map has 64 KiB/,
    body: `struct large { u8 bytes[65536]; };\n${map('PERCPU_ARRAY', 'struct large')}\n${running('')}`,
  },
  {
    rule: 'load/map-memory',
    hint: 'fewer max_entries',
    says: /Cannot allocate memory/,
    body: `struct large { u8 bytes[4096]; };\n${map('HASH', 'struct large', '__uint(max_entries, 1 << 20); __type(key, u32);')}\n${running('')}`,
  },
  {
    rule: 'load/map',
    hint: 'task storage needs BPF_F_NO_PREALLOC',
    says: /Invalid argument/,
    body: `${map('TASK_STORAGE', 'u64', '__type(key, int);')}\n${running('')}`,
  },
  {
    rule: 'load/types',
    hint: 'declare such a variable without static',
    says: /here: mode; libbpf: .*Error loading \.BTF/,
    body: `static u64 mode;\nu64 seen;\n${running('seen = mode;', 'if (p->pid > 7) mode = 5;')}`,
  },
];

/** What the verifier says, with the line it stopped at. */
export const BY_VERIFIER: readonly Told[] = [
  {
    rule: 'load/null-check',
    hint: 'compare it with NULL first',
    says: /invalid mem access 'map_value_or_null'/,
    body: `${map('HASH', 'u64')}\n${running('u32 key = p->pid;', 'u64 *n = bpf_map_lookup_elem(&told_map, &key);', `*n += 1; ${HERE}`)}`,
  },
  {
    rule: 'load/verifier',
    hint: 'BPF_CORE_READ()',
    says: /invalid mem access 'scalar'/,
    body: `u64 seen;\n${running(`seen = *(volatile u64 *)(long)p->se.vruntime; ${HERE}`)}`,
  },
  {
    rule: 'load/rcu',
    hint: 'unlock once on every way out',
    says: /rcu/,
    body: init('bpf_rcu_read_lock();', `scx_bpf_create_dsq(7, -1); ${HERE}`, 'bpf_rcu_read_unlock();'),
  },
  {
    rule: 'load/trusted',
    hint: 'between bpf_rcu_read_lock() and bpf_rcu_read_unlock()',
    says: /must be/,
    body: `s32 BPF_STRUCT_OPS_SLEEPABLE(told_init_task, struct task_struct *p, struct scx_init_task_args *args)
{
return bpf_cpumask_test_cpu(0, p->cpus_ptr) ? 0 : -1; ${HERE}
}`,
  },
  {
    rule: 'load/lock',
    hint: 'do the work before the lock',
    says: /lock/,
    body: `struct locked { struct bpf_spin_lock lock; u64 n; };\n${map('ARRAY', 'struct locked')}
${running('u32 key = 0;', 'struct locked *it = bpf_map_lookup_elem(&told_map, &key);', 'if (!it) return;', 'bpf_spin_lock(&it->lock);', `it->n = scx_bpf_task_cpu(p); ${HERE}`, 'bpf_spin_unlock(&it->lock);')}`,
  },
  {
    rule: 'load/arena',
    hint: 'every callback that uses it has to refer to the map itself',
    says: /addr_space_cast insn can only be used in a program that has an associated arena/,
    body: `struct { __uint(type, BPF_MAP_TYPE_ARENA); __uint(map_flags, BPF_F_MMAPABLE); __uint(max_entries, 2); } told_arena SEC(".maps");
u64 place;\n${running(`*(u64 __attribute__((address_space(1))) *)(void __attribute__((address_space(1))) *)place = 1; ${HERE}`)}
void BPF_STRUCT_OPS(told_stopping, struct task_struct *p, bool runnable) { place = (u64)&told_arena; }`,
  },
  {
    rule: 'load/stack',
    hint: 'keep large things in a map',
    says: /combined stack size of 2 calls/,
    body: `u64 seen;\nstatic __noinline void deep(void) { char kept[300]; bpf_get_current_comm(kept, sizeof(kept)); seen += kept[7]; }
${running('char kept[300];', 'bpf_get_current_comm(kept, sizeof(kept));', 'deep();', 'seen += kept[7];')}`,
  },
  {
    rule: 'load/uninitialised',
    hint: 'let every path of the function return one',
    says: /R\d !read_ok/,
    body: `static int round(u32 i, void *ctx) { return 0; }\n${running('u64 flags;', `bpf_loop(8, round, NULL, flags); ${HERE}`)}`,
  },
  {
    rule: 'load/unbounded-loop',
    hint: 'bpf_for(), bpf_loop() or can_loop',
    says: /infinite loop detected/,
    body: running(`while (scx_bpf_dsq_nr_queued(7) != 12345); ${HERE}`),
  },
  {
    rule: 'load/iterator',
    hint: 'bpf_for, bpf_for_each or bpf_repeat',
    says: /expected an initialized iter_num/,
    body: `u64 seen;\n${running('struct bpf_iter_num it;', `if (bpf_iter_num_next(&it)) seen++; ${HERE}`)}`,
  },
  {
    rule: 'load/reference',
    hint: 'pair every acquire with one release',
    says: /[Rr]eference/,
    body: `u64 seen;
void BPF_STRUCT_OPS(told_running, struct task_struct *p)
{
struct task_struct *other = bpf_task_from_pid(1); ${HERE}
if (other) seen = other->pid;
seen += scx_bpf_task_cpu(p);
}`,
  },
  {
    rule: 'load/return-value',
    hint: 'negative error number',
    says: /should have been in/,
    body: `static int round(u32 i, void *ctx)\n{\nreturn bpf_get_prandom_u32(); ${HERE}\n}\n${running('bpf_loop(8, round, NULL, 0);')}`,
  },
  {
    rule: 'load/sleepable',
    hint: 'only init, exit, init_task',
    says: /sleepable/,
    body: running(`scx_bpf_create_dsq(7, -1); ${HERE}`),
  },
  {
    rule: 'load/kfunc-context',
    hint: 'call it from a callback the kernel allows it in',
    says: /calling kernel function bpf_sock_addr_set_sun_path is not allowed/,
    body: `${running('u8 path[8] = {};', `bpf_sock_addr_set_sun_path((void *)p, path, 8); ${HERE}`)}`,
  },
  {
    rule: 'load/unknown-kfunc',
    hint: 'names changed in 6.13 and 7.1',
    says: /kfunc 'scx_bpf_task_boost' is referenced but wasn't resolved/,
    body: `extern void scx_bpf_task_boost(struct task_struct *p) __ksym __weak;\n${running(`scx_bpf_task_boost(p); ${HERE}`)}`,
  },
  {
    rule: 'load/absent-field',
    hint: 'bpf_core_field_exists',
    says: /CO-RE relocation|195896080/,
    body: `struct task_struct___odd { u64 never_there; } __attribute__((preserve_access_index));\nu64 seen;
${running(`seen = ((struct task_struct___odd *)p)->never_there; ${HERE}`)}`,
  },
  {
    rule: 'load/helper',
    hint: 'use what struct_ops programs may call',
    says: /cannot use helper bpf_get_socket_cookie|unknown func bpf_get_socket_cookie/,
    body: running(`bpf_get_socket_cookie(p); ${HERE}`),
  },
  {
    rule: 'load/timer',
    hint: 'bpf_timer_init is given that very map',
    says: /timer/,
    body: `struct timed { struct bpf_timer timer; };\n${map('ARRAY', 'struct timed')}
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 1); __type(key, u32); __type(value, struct timed); } other SEC(".maps");
${running('u32 key = 0;', 'struct timed *it = bpf_map_lookup_elem(&told_map, &key);', `if (it) bpf_timer_init(&it->timer, &other, 1); ${HERE}`)}`,
  },
  {
    rule: 'load/map-helper',
    hint: 'is used by bpf_map_push_elem, bpf_map_pop_elem',
    says: /invalid zero-sized read/,
    body: `${map('QUEUE', 'u64', '__uint(max_entries, 4);')}\n${running('u32 key = 0;', `bpf_map_lookup_elem(&told_map, &key); ${HERE}`)}`,
  },
  {
    rule: 'load/bounds',
    hint: 'compare it with the bounds',
    says: /R\d/,
    body: `u64 seen[16];\n${running(`seen[(u32)p->pid] = 1; ${HERE}`)}`,
  },
  {
    rule: 'load/read-only',
    hint: 'scx.slice, scx.dsq_vtime and scx.disallow',
    says: /the verifier gives no reason; at 2: .*= r2/,
    body: running(`p->prio = 99; ${HERE}`),
  },
  {
    rule: 'load/pointer-arithmetic',
    hint: 'leave pointers into the kernel as they are',
    says: /R\d/,
    body: `u64 seen;\n${running(`seen = (p + p->pid)->pid; ${HERE}`)}`,
  },
  {
    rule: 'load/field',
    hint: 'the arguments of each callback are in struct sched_ext_ops',
    says: /access beyond struct task_struct/,
    body: `u64 seen;\n${running(`seen = *(u64 *)((char *)p + 99992); ${HERE}`)}`,
  },
  {
    rule: 'load/kptr',
    hint: 'bpf_kptr_xchg',
    says: /kptr/,
    body: `struct keeps { struct task_struct __kptr *task; };\n${map('ARRAY', 'struct keeps')}
${running('u32 key = 0;', 'struct keeps *it = bpf_map_lookup_elem(&told_map, &key);', `if (it) it->task = p; ${HERE}`)}`,
  },
  {
    rule: 'load/argument',
    hint: '__arg_trusted',
    says: /arg#0 pointer type STRUCT task_struct must point to/,
    body: `u64 seen;\n${running('u64 none[2] = {};', `seen = scx_bpf_task_cpu((void *)none); ${HERE}`)}`,
  },
  {
    rule: 'load/no-return',
    hint: 'return a value at its end',
    says: /exit or jmp|fall|unreachable/,
    body: `u64 seen;\nstatic __noinline void odd(void) { for (;;) seen++; }\n${running('odd();')}`,
  },
  {
    rule: 'load/uninitialised',
    hint: 'divided by 0',
    says: /R0 !read_ok/,
    body: `u64 seen;\nstatic __attribute__((optnone, noinline)) u64 odd(u64 n) { return n / 0; }\n${running(`seen = odd(p->pid); ${HERE}`)}`,
  },
  {
    rule: 'load/argument',
    hint: 'has been given a value on every path',
    says: /R2 is not a scalar/,
    body: running('u64 flags;', `scx_bpf_kick_cpu(0, flags); ${HERE}`),
  },
  {
    rule: 'load/sleepable',
    hint: 'timer',
    says: /sleepable/,
    body: `struct timed { struct bpf_timer timer; };\n${map('ARRAY', 'struct timed')}
static int tick(void *of, int *key, struct timed *it)\n{\nscx_bpf_create_dsq(7, -1); ${HERE}\nreturn 0;\n}
${running('u32 key = 0;', 'struct timed *it = bpf_map_lookup_elem(&told_map, &key);', 'if (it) bpf_timer_set_callback(&it->timer, tick);')}`,
  },
  {
    rule: 'load/bounds',
    hint: 'or mask it',
    says: /invalid variable-offset write to stack/,
    body: `u64 seen;\n${running('u64 kept[8] = {};', `kept[p->prio & 15] = 1; ${HERE}`, 'seen += kept[p->static_prio & 7];')}`,
  },
  {
    rule: 'load/variable-offset',
    hint: 'instead of an array within one value',
    says: /kptr access cannot have variable offset/,
    body: `u64 seen;\nprivate(TOLD) struct bpf_cpumask __kptr *masks[8];
${running(`struct bpf_cpumask *mask = masks[scx_bpf_task_cpu(p) & 7]; ${HERE}`, 'if (mask) seen += bpf_cpumask_test_cpu(0, cast_mask(mask));')}`,
  },
  {
    rule: 'load/lock',
    hint: 'do the work before the lock',
    says: /in policy_compat\.bpf\.h:\d+, called from there/,
    body: `struct locked { struct bpf_spin_lock lock; u64 n; };\n${map('ARRAY', 'struct locked')}
void BPF_STRUCT_OPS(told_enqueue, struct task_struct *p, u64 enq_flags)
{
u32 key = 0;
struct locked *it = bpf_map_lookup_elem(&told_map, &key);
if (!it) return;
bpf_spin_lock(&it->lock);
it->n++; ${HERE}
scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
bpf_spin_unlock(&it->lock);
}`,
  },
  {
    rule: 'load/map-helper',
    hint: 'or make it a BPF_MAP_TYPE_QUEUE',
    says: /does not take a map of type BPF_MAP_TYPE_ARRAY/,
    body: `${map('ARRAY', 'u64')}\n${running('u64 n = 0;', `bpf_map_push_elem(&told_map, &n, 0); ${HERE}`)}`,
  },
  {
    rule: 'load/variable-offset',
    hint: 'bpf_probe_read_kernel()',
    says: /invalid variable offset/,
    body: `u64 seen;\n${running(`seen = (p + (p->pid & 3))->pid; ${HERE}`)}`,
  },
  {
    rule: 'load/map-helper',
    hint: 'BPF_MAP_TYPE_TASK_STORAGE is used by bpf_task_storage_get',
    says: /cannot pass map_type 29 into func bpf_map_lookup_elem/,
    body: `${map('TASK_STORAGE', 'u64', '__uint(map_flags, BPF_F_NO_PREALLOC); __type(key, int);')}\n${running('u32 key = 0;', `bpf_map_lookup_elem(&told_map, &key); ${HERE}`)}`,
  },
  {
    rule: 'load/licence',
    hint: '"Dual MIT/GPL"',
    says: /GPL/i,
    licence: 'Proprietary',
    body: running(''),
  },
];
