import { describe, expect, it } from 'vitest';
import { asksForRestart } from '../../src/policies/status.js';
import { lintPolicy } from '../../src/verify/lint.js';
import { verifierRefusal } from '../../src/verify/refusals.js';
import { distil } from '../../src/verify/verifier-log.js';

describe('what the verifier says', () => {
  it('is kept whole when it goes over several lines', () => {
    const log = [
      '; s->total = doubled(s->total); @ policy.bpf.c:20',
      '14: (85) call pc+27',
      'global function calls are not allowed while holding a lock,',
      'use static function instead',
      'processed 14 insns (limit 1000000) max_states_per_insn 0 total_states 1 peak_states 1 mark_read 1',
    ].join('\n');
    expect(distil(log)).toMatchObject({
      reason: 'global function calls are not allowed while holding a lock, use static function instead',
      place: { line: 20 },
      source: 's->total = doubled(s->total);',
    });
  });

  it('is of the line that could not be filled in, of the one that took what is kept, and nothing where nothing is said', () => {
    const head = [';  @ policy.bpf.c:4', '0: (79) r1 = *(u64 *)(r1 +0)', ';  @ policy.bpf.c:6'];
    const stop = (...lines: string[]) => distil([...head, ...lines].join('\n'));
    expect(stop('1: <invalid kfunc call>', "kfunc 'x' is referenced but wasn't resolved")).toMatchObject({
      reason: "kfunc 'x' is referenced but wasn't resolved",
      place: { line: 6 },
    });
    const leak = 'Unreleased reference id=2 alloc_insn=1';
    expect(stop('1: (85) call x#1', ';  @ policy.bpf.c:9', '2: (95) exit', leak).place?.line).toBe(6);
    const store = stop('1: (63) *(u32 *)(r1 +108) = r2');
    expect(store.reason).toBe('');
    expect(verifierRefusal(store.reason, store.instruction).rule).toBe('load/read-only');
  });

  it.each([
    ['R1 must be a rcu pointer', 'load/trusted'],
    ['R1 must be referenced or trusted', 'load/trusted'],
    ['bpf_rcu_read_unlock is missing', 'load/rcu'],
    ['kernel func bpf_cpumask_create is sleepable within rcu_read_lock region', 'load/rcu'],
    ['global function calls are not allowed while holding a lock, use static function instead', 'load/lock'],
    ['addr_space_cast insn can only be used in a program that has an associated arena', 'load/arena'],
    ['combined stack size of 2 calls is 608. Too large', 'load/stack'],
    ['BPF program is too large. Processed 1000001 insn', 'load/unbounded-loop'],
    ['R0 !read_ok', 'load/uninitialised'],
    ['Possibly NULL pointer passed to trusted arg0', 'load/null-check'],
    ['program must be sleepable to call sleepable kfunc scx_bpf_create_dsq', 'load/sleepable'],
    ['cannot pass map_type 22 into func bpf_map_lookup_elem#1', 'load/map-helper'],
    ['dereference of modified ptr_task_struct ptr R1 off=8 disallowed', 'load/pointer-arithmetic'],
    ['access beyond struct task_struct at off 99999 size 8', 'load/field'],
    ['unreachable insn 12', 'load/no-return'],
    ['expected an initialized iter_num as arg #0', 'load/iterator'],
    ["kfunc 'scx_bpf_boost' is referenced but wasn't resolved", 'load/unknown-kfunc'],
  ])('%s', (sentence, rule) => {
    expect(verifierRefusal(sentence)).toMatchObject({ rule, hint: expect.stringMatching(/.{20}/) });
  });
});

describe('a policy that ends itself', () => {
  const exit = { code: 2 ** 48 + 2 ** 32, reason: '', message: '', source: 'record' as const };
  it.each([
    [{ ...exit, kind: 65 }, true],
    [{ ...exit, kind: 66 }, true],
    [{ ...exit, kind: 65, code: 7 }, false],
    [{ ...exit, kind: 1025 }, false],
    [{ ...exit, kind: 66, code: 0, source: 'kernel-log' as const }, true],
    [null, false],
  ])('asks to be started again or not: case %#', (given, asks) => {
    expect(asksForRestart({ exit: given })).toBe(asks);
  });
});

describe('queues that are served by something else than emptiness', () => {
  const served = async (body: string): Promise<string[]> => {
    const source = `static u64 n, last;\nvoid BPF_STRUCT_OPS(x_dispatch, s32 cpu, struct task_struct *prev)\n{\n${body}\n}\nSCX_OPS_DEFINE(x_ops, .dispatch = (void *)x_dispatch, .name = "x");`;
    const { findings } = await lintPolicy(source, { file: 'x.c' });
    return findings.filter(({ rule }) => rule === 'lint/strict-priority').map(({ message }) => message);
  };
  const take = 'scx_bpf_dsq_move_to_local';

  it.each([
    ['a count', `if (++n % 8 == 0 && ${take}(2)) return; if (${take}(1)) return; ${take}(2);`],
    [
      'a clock',
      `if (bpf_ktime_get_ns() - last > 9000000 && ${take}(2)) return; if (${take}(1)) return; ${take}(2);`,
    ],
    ['a budget', `if (n > 0 && ${take}(1)) { n--; return; } n = 8; if (${take}(2)) return; ${take}(1);`],
    ['an index', `u64 q = 1 + (n++ & 1); if (${take}(q)) return; ${take}(3 - q);`],
    [
      'a switch',
      `switch (n++ & 1) { case 0: if (${take}(1)) return; break; default: if (${take}(2)) return; }`,
    ],
  ])('%s: nothing is said', async (_, body) => expect(await served(body)).toEqual([]));

  it('are told of when their turn is rare, or never comes', async () => {
    const rare = `if (++n % 4096 == 0 && ${take}(2)) return; if (${take}(1)) return; ${take}(2);`;
    expect(await served(rare)).toEqual([expect.stringContaining('queue 1 comes first 4095 times in 4096')]);
    for (const never of [
      `if (${take}(1)) return; ${take}(2);`,
      `if (!${take}(1)) ${take}(2);`,
      `${take}(1) || ${take}(2);`,
    ])
      expect(await served(never)).toEqual([expect.stringContaining('queue 1 always comes before 2')]);
  });
});
