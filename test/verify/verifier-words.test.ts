import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { resolveKernel } from '../../src/lab/kernels/resolve.js';
import type { PolicyLoad } from '../../src/lab/policy.js';
import { compilePolicy } from '../../src/verify/compile.js';
import { lintPolicy } from '../../src/verify/lint.js';
import { loadFindings } from '../../src/verify/load.js';
import { mapHelperHint } from '../../src/verify/map-helpers.js';
import { shrunkVariables } from '../../src/verify/map-values.js';
import { verifierRefusal } from '../../src/verify/refusals.js';
import { distil } from '../../src/verify/verifier-log.js';

/** Sentences as Linux 6.18 printed them for policies written to be refused. */
describe('what the verifier printed', () => {
  it.each([
    [
      'R4 is ptr_task_struct invalid variable offset: off=680, var_off=(0x0; 0x3f)',
      'load/variable-offset',
      /bpf_probe_read_kernel/,
    ],
    [
      'variable rcu_ptr_ access var_off=(0x0; 0x8) disallowed',
      'load/variable-offset',
      /pointers as they were had/,
    ],
    [
      'kptr access cannot have variable offset',
      'load/variable-offset',
      /instead of an array within one value/,
    ],
    [
      "R1 doesn't have constant offset. bpf_spin_lock has to be at the constant offset",
      'load/variable-offset',
      /fixed place/,
    ],
    [
      'invalid variable-offset write to stack R5 var_off=(0x0; 0x78) off=-64 size=8',
      'load/bounds',
      /mask it/,
    ],
    ['invalid write to stack R1 off=-16 size=31', 'load/bounds', /both bounds/],
    ['value -2147483648 makes fp pointer be out of bounds', 'load/bounds', /may be negative/],
    [
      'value -2147483648 makes trusted_ptr_ pointer be out of bounds',
      'load/pointer-arithmetic',
      /leave pointers/,
    ],
    [
      'invalid access to map value, value_size=1680 off=2184 size=8 R5 max value is outside of the allowed memory range',
      'load/bounds',
      /bounds/,
    ],
    ['function calls are not allowed while holding a lock', 'load/lock', /before the lock/],
    ['invalid write to stack R10 off=-520 size=8', 'load/stack', /map/],
    [
      'program must be sleepable to call sleepable kfunc scx_bpf_create_dsq',
      'load/sleepable',
      /BPF_STRUCT_OPS_SLEEPABLE/,
    ],
  ])('%s', (sentence, rule, hint) => {
    expect(verifierRefusal(sentence)).toMatchObject({ rule, hint: expect.stringMatching(hint) });
  });

  it('tells a map of the wrong kind by its name', () => {
    expect(verifierRefusal('cannot pass map_type 2 into func bpf_map_push_elem#87')).toEqual({
      rule: 'load/map-helper',
      words: 'bpf_map_push_elem does not take a map of type BPF_MAP_TYPE_ARRAY',
      hint: expect.stringMatching(/bpf_map_update_elem, or make it a BPF_MAP_TYPE_QUEUE/),
    });
    expect(verifierRefusal('cannot pass map_type 29 into func bpf_map_lookup_elem#1')).toMatchObject({
      words: expect.stringContaining('BPF_MAP_TYPE_TASK_STORAGE'),
      hint: expect.stringContaining('bpf_task_storage_get'),
    });
    const lookUp = 'invalid zero-sized read';
    expect(verifierRefusal(lookUp, '8: (85) call bpf_map_lookup_elem#1')).toMatchObject({
      rule: 'load/map-helper',
      hint: expect.stringContaining('bpf_map_pop_elem'),
    });
    expect(verifierRefusal(lookUp, '8: (85) call bpf_probe_read_kernel#113').rule).toBe('load/bounds');
    expect(mapHelperHint('bpf_map_push_elem', 'TASK_STORAGE')).toContain('bpf_task_storage_get');
  });
});

describe('the place', () => {
  const LOCKED = `;  @ policy.bpf.c:23
13: (79) r1 = *(u64 *)(r7 +8)         ; R1=scalar() R7=map_value(id=1,map=vs,ks=4,vs=16) refs=1
15: (7b) *(u64 *)(r7 +8) = r1         ; R1=scalar() R7=map_value(id=1,map=vs,ks=4,vs=16) refs=1
;  @ policy_compat.bpf.h:50
16: (18) r1 = 0xffffffff813d1870      ; R1=rdonly_mem(sz=0) refs=1
;  @ policy_compat.bpf.h:51
19: (bf) r1 = r8                      ; R1=trusted_ptr_task_struct() R8=trusted_ptr_task_struct() refs=1
24: (85) call scx_bpf_dsq_insert#99794
function calls are not allowed while holding a lock
processed 22 insns (limit 1000000) max_states_per_insn 0 total_states 1 peak_states 1 mark_read 0
`;
  const LEAKED = `;  @ policy.bpf.c:9
0: (79) r6 = *(u64 *)(r1 +8)          ; R1=ctx() R6=scalar()
;  @ policy.bpf.c:11
2: (b4) w1 = 0                        ; R1=0
3: (85) call bpf_task_from_pid#60299          ; R0=ptr_or_null_task_struct(id=2,ref_obj_id=2) refs=2
;  @ policy.bpf.c:13
4: (15) if r0 == 0x0 goto pc+5        ; R0=ptr_task_struct(ref_obj_id=2) refs=2
;  @ policy_compat.bpf.h:51
18: (85) call scx_bpf_dsq_insert#99794        ; refs=2
19: (05) goto pc+6
;  @ policy.bpf.c:9
26: (95) exit
Unreleased reference id=2 alloc_insn=3
BPF_EXIT instruction in main prog would lead to reference leak
processed 28 insns (limit 1000000) max_states_per_insn 1 total_states 3 peak_states 3 mark_read 0
`;

  it('of what a header does is the policy’s line, and the header’s is told', () => {
    expect(distil(LOCKED)).toMatchObject({
      place: { file: 'policy.bpf.c', line: 23 },
      within: { file: 'policy_compat.bpf.h', line: 51 },
    });
  });

  it('of a reference that is never given back is where it was taken', () => {
    expect(distil(LEAKED)).toMatchObject({
      place: { file: 'policy.bpf.c', line: 11 },
      instruction: '26: (95) exit',
    });
  });

  it('is told with all of a register’s state', () => {
    const log = `9: (79) r2 = *(u64 *)(r1 +0)          ; R1=map_value(map=.data.M,ks=4,vs=64,smin=smin32=0,smax=56,var_off=(0x0; 0x38)) R2=ctx()
kptr access cannot have variable offset
`;
    expect(distil(log).state).toContain(
      'R1=map_value(map=.data.M,ks=4,vs=64,smin=smin32=0,smax=56,var_off=(0x0; 0x38))',
    );
  });
});

describe('types that the kernel does not take', () => {
  const SOURCE = `#include "policy.bpf.h"
char LICENSE[] SEC("license") = "GPL";
static u32 nr_queues;
static u64 nr_turns;
void BPF_STRUCT_OPS(x_dispatch, s32 cpu, struct task_struct *prev)
{
	if (nr_queues)
		scx_bpf_dsq_move_to_local(100);
	nr_turns++;
}
s32 BPF_STRUCT_OPS_SLEEPABLE(x_init)
{
	nr_queues = 1;
	return scx_bpf_create_dsq(100, -1);
}
SCX_OPS_DEFINE(x_ops, .dispatch = (void *)x_dispatch, .init = (void *)x_init, .name = "x");
`;
  // libbpf's own words, shortened: the middle is thousands of types, and the end of the kernel's log is cut off.
  const reason = `libbpf: BTF loading error: -22
libbpf: -- BEGIN BTF LOAD LOG ---
magic: 0xeb9f
[1] PTR (anon) type_id=2
[2] INT unsigned long long size=8 bits_offset=0 nr_bits=64 encoding=(none)
pushable_tasks typlibbpf: Error loading .BTF into kernel: -22. BTF is mandatory, can't proceed.
`;
  const load = {
    code: 'refused',
    reason,
    hint: '',
    program: '',
    log: '',
    errno: 22,
  } as unknown as PolicyLoad;

  it('are told by the variable that clang made smaller, without the kernel’s walk through them', async () => {
    const kernel = await resolveKernel('scx');
    const { object } = await compilePolicy({ source: SOURCE, kernel, file: 'x.c' });
    const bytes = readFileSync(object?.path ?? '');
    expect(shrunkVariables(bytes)).toEqual(['nr_queues']);
    const [finding] = loadFindings(load, bytes);
    expect(finding).toMatchObject({
      rule: 'load/types',
      message: expect.stringContaining('here: nr_queues;'),
    });
    expect(finding?.message).toMatch(/BTF loading error: -22; .*BTF is mandatory/);
    expect(finding?.message).not.toMatch(/\[1\]|magic|pushable/);
    const sound = SOURCE.replace('static u32 nr_queues', 'u32 nr_queues');
    const other = await compilePolicy({ source: sound, kernel, file: 'x.c' });
    expect(shrunkVariables(readFileSync(other.object?.path ?? ''))).toEqual([]);
    expect(shrunkVariables(Buffer.from('no object'))).toEqual([]);
  });
});

describe('before anything is loaded', () => {
  const rules = async (source: string) =>
    (await lintPolicy(source, { file: 'x.c' })).findings.map(({ rule, severity, hint }) => ({
      rule,
      severity,
      hint,
    }));
  const map = (type: string) =>
    `struct {\n\t__uint(type, BPF_MAP_TYPE_${type});\n\t__uint(max_entries, 8);\n\t__type(value, s32);\n} m SEC(".maps");\n`;
  const using = (type: string, call: string, before = '') =>
    `${before}${map(type)}void BPF_STRUCT_OPS(x_runnable, struct task_struct *p, u64 enq_flags)\n{\n\ts32 v = 0;\n\t${call};\n}\nSCX_OPS_DEFINE(x_ops, .runnable = (void *)x_runnable, .name = "x");`;
  const found = async (source: string) =>
    (await rules(source)).filter(({ rule }) => rule === 'lint/map-helper');

  it.each([
    ['ARRAY', 'bpf_map_push_elem(&m, &v, 0)', /BPF_MAP_TYPE_QUEUE or BPF_MAP_TYPE_STACK/],
    ['HASH', 'bpf_map_pop_elem(&m, &v)', /with a key/],
    ['QUEUE', 'bpf_map_lookup_elem(&m, &v)', /bpf_map_peek_elem/],
    ['STACK', 'bpf_map_update_elem(&m, &v, &v, 0)', /bpf_map_push_elem/],
    ['TASK_STORAGE', 'bpf_map_lookup_elem(&m, &v)', /bpf_task_storage_get/],
    ['HASH', 'bpf_task_storage_get(&m, p, 0, 0)', /BPF_MAP_TYPE_TASK_STORAGE/],
    ['CGRP_STORAGE', 'bpf_task_storage_get(&m, p, 0, 0)', /bpf_cgrp_storage_get/],
    ['RINGBUF', 'bpf_map_push_elem(&m, &v, 0)', /bpf_ringbuf_output/],
    ['ARRAY', 'bpf_map_lookup_percpu_elem(&m, &v, 0)', /BPF_MAP_TYPE_PERCPU_ARRAY/],
  ])('a %s is not for %s', async (type, call, hint) => {
    expect(await found(using(type, call))).toMatchObject([
      { severity: 'error', hint: expect.stringMatching(hint) },
    ]);
    const hidden = using(type, call, '#ifdef OTHER\n#endif\n');
    expect(await found(hidden)).toMatchObject([{ severity: 'warning' }]);
  });

  it.each([
    ['QUEUE', 'bpf_map_push_elem(&m, &v, BPF_EXIST)'],
    ['STACK', 'bpf_map_pop_elem(&m, &v)'],
    ['BLOOM_FILTER', 'bpf_map_peek_elem(&m, &v)'],
    ['LRU_PERCPU_HASH', 'bpf_map_lookup_percpu_elem(&m, &v, 0)'],
    ['PERCPU_ARRAY', 'bpf_map_lookup_elem(&m, &v)'],
    ['LPM_TRIE', 'bpf_map_delete_elem(&m, &v)'],
    ['TASK_STORAGE', 'bpf_task_storage_get(&m, p, 0, 0)'],
    ['ARRAY_OF_MAPS', 'bpf_map_lookup_elem(&m, &v)'],
  ])('a %s is for %s', async (type, call) => expect(await found(using(type, call))).toEqual([]));

  it('an init that makes a queue and is not declared sleepable is told how to be', async () => {
    const init = (how: string) =>
      `s32 ${how}(x_init)\n{\n\treturn scx_bpf_create_dsq(5, -1);\n}\nSCX_OPS_DEFINE(x_ops, .init = (void *)x_init, .name = "x");`;
    const context = async (source: string) =>
      (await rules(source)).filter(({ rule }) => rule === 'lint/wrong-context');
    expect(await context(init('BPF_STRUCT_OPS'))).toMatchObject([
      { severity: 'error', hint: 'it may sleep: declare x_init by BPF_STRUCT_OPS_SLEEPABLE' },
    ]);
    expect(await context(init('BPF_STRUCT_OPS_SLEEPABLE'))).toEqual([]);
    expect(await context(init('MY_STRUCT_OPS_THAT_SLEEPS'))).toEqual([]);
  });

  it('the kernel’s choice of a CPU is for select_cpu and enqueue', async () => {
    const asking = (op: string, params: string) =>
      `s32 BPF_STRUCT_OPS(x_${op}, ${params})\n{\n\tbool idle;\n\n\treturn scx_bpf_select_cpu_dfl(p, 0, 0, &idle);\n}\nSCX_OPS_DEFINE(x_ops, .${op} = (void *)x_${op}, .name = "x");`;
    const wrong = async (source: string) =>
      (await rules(source)).some(({ rule }) => rule === 'lint/wrong-context');
    expect(await wrong(asking('tick', 'struct task_struct *p'))).toBe(true);
    expect(await wrong(asking('running', 'struct task_struct *p'))).toBe(true);
    expect(await wrong(asking('select_cpu', 'struct task_struct *p, s32 prev_cpu, u64 wake_flags'))).toBe(
      false,
    );
    expect(await wrong(asking('enqueue', 'struct task_struct *p, u64 enq_flags'))).toBe(false);
  });
});
