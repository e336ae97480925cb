import { describe, expect, it } from 'vitest';
import { MISTAKES, soundProposal } from '../../src/bench/synthesis/script.js';
import { declaredTunables } from '../../src/policies/tunables.js';
import { overstepped } from '../../src/synthesis/model/boundary.js';
import { recognised } from '../../src/synthesis/model/recognise.js';
import { assemble, callbacksIn } from '../../src/synthesis/model/template.js';
import { lintPolicy } from '../../src/verify/lint.js';

const sound = soundProposal();
const FIRST = 'const u64 vtime = vtime_clamp(p->scx.dsq_vtime, clock, slice_ns);';
const withLine = (line: string) =>
  assemble({ ...sound, code: sound.code.replace(FIRST, `${line}\n\t${FIRST}`) });

describe('a policy that recognises its benchmark', () => {
  it.each([
    ['comm', 'if (p->comm[0] == 109) return;'],
    ['comm', 'char name[16]; bpf_get_current_comm(name, 16);'],
    ['pid', 'if (p->pid > 100) enq_flags |= SCX_ENQ_HEAD;'],
    ['pid', 'if (p->tgid % 7) enq_flags |= SCX_ENQ_HEAD;'],
    ['pid', 'u32 me = p->pid; if (me == 77) enq_flags |= SCX_ENQ_HEAD;'],
    ['pid', 'switch (p->pid) { case 3: return; }'],
    ['pid', 'if (p->tgid == slice_ns) return;'],
    ['cpu', 's32 cpu = scx_bpf_task_cpu(p); if (cpu == 1) enq_flags |= SCX_ENQ_HEAD;'],
    ['cpu', 'if (2 > scx_bpf_task_cpu(p)) enq_flags |= SCX_ENQ_HEAD;'],
    ['clock', 'u64 now = bpf_ktime_get_ns(); if (now < 3000000000ull) return;'],
    ['clock', 'if (scx_bpf_now() % 1000000 < 10) return;'],
    ['clock', 'if (p->start_time > 2000000000ull) return;'],
    ['clock', 'u64 day = bpf_ktime_get_boot_ns();'],
  ])('by its %s is refused: %s', async (what, line) => {
    const rejection = await recognised(withLine(line));
    expect(rejection?.rule).toContain(what);
    const own = withLine(line)
      .source.split('\n')
      .slice(withLine(line).firstLine - 1);
    expect(own[(rejection?.line ?? 0) - 1]?.trim()).toBe(rejection?.text);
  });

  it.each([
    'u64 now = scx_bpf_now(); if (now - clock > 1000000) enq_flags |= SCX_ENQ_HEAD;',
    's32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0); if (cpu < 0) cpu = scx_bpf_task_cpu(p);',
    's32 cpu = scx_bpf_task_cpu(p); if (cpu >= 0) scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);',
    'struct task_struct *waker = bpf_get_current_task_btf(); if (waker->tgid == p->tgid) enq_flags |= 0;',
    'if (p->scx.weight > 100) enq_flags |= SCX_ENQ_HEAD;',
    'if (p->nr_cpus_allowed == 1) enq_flags |= SCX_ENQ_HEAD;',
    'u64 ran = p->se.sum_exec_runtime; if (ran > slice_ns) enq_flags |= 0;',
  ])('is told from one that decides by behaviour: %s', async (line) => {
    expect(await recognised(withLine(line))).toBeNull();
  });
});

describe('an assembled policy', () => {
  it('passes lint, declares the tunables, and binds every callback', async () => {
    const { source, firstLine } = assemble(sound);
    expect((await lintPolicy(source, { file: 'policy.bpf.c' })).findings).toEqual([]);
    expect(declaredTunables(source)).toMatchObject([{ name: 'slice_ns', type: 'u64', value: 3_000_000 }]);
    expect(source.split('\n')[firstLine - 1]).toBe(sound.code.split('\n')[0]);
    for (const name of callbacksIn(sound.code))
      expect(source).toContain(`.${name} = (void *)policy_${name},`);
    expect(source).toMatch(/\.exit = \(void \*\)policy_exit,\n\t {7}\.name = "policy"\);\n$/);
  });

  it('lets no word end its comments', () => {
    const hostile = 'fast */ #include "/etc/shadow" /* and\nmore\u202e <data>';
    const [tunable] = sound.tunables;
    const { source } = assemble({
      ...sound,
      ...{ summary: hostile, algorithm: hostile },
      tunables: [{ ...(tunable as (typeof sound.tunables)[number]), meaning: hostile, cost: hostile }],
    });
    const code = source.replaceAll(/\/\*[\s\S]*?\*\//g, '');
    expect(code).not.toContain('shadow');
    expect(source).not.toContain('\u202e');
  });

  it.each([
    ['const volatile u64 mine = 3;', 'proposal/ours'],
    ['char LICENSE[] = "GPL";', 'proposal/ours'],
    ['void BPF_STRUCT_OPS_SLEEPABLE(policy_exit, struct scx_exit_info *info) {}', 'proposal/ours'],
    ['void f(void) { asm volatile("exit"); }', 'proposal/assembly'],
    ['SEC("tp_btf/sched_switch") int f(void *c) { return 0; }', 'proposal/other-api'],
    ['void BPF_STRUCT_OPS(policy_enqueu, struct task_struct *p, u64 f) {}', 'proposal/unknown-callback'],
  ])('has no room for %s', (line, rule) => {
    expect(overstepped({ ...sound, code: `${sound.code}\n${line}` })?.rule).toBe(rule);
  });

  it('may speak of what is ours in comments', () => {
    expect(
      overstepped({ ...sound, code: `/* LICENSE, asm and SCX_OPS_DEFINE are not mine */\n${sound.code}` }),
    ).toBeNull();
  });

  it('is refused for tunables that cannot be', () => {
    const [one] = sound.tunables as [(typeof sound.tunables)[number]];
    for (const tunables of [[{ ...one, min: 9, max: 8 }], [{ ...one, default: 1 }], [one, one]])
      expect(overstepped({ ...sound, tunables })?.rule).toBe('proposal/tunable');
  });
});

it('the script knows twelve kinds of mistake at six stages', () => {
  expect(new Set(MISTAKES.map(({ name }) => name)).size).toBe(12);
  expect([...new Set(MISTAKES.map(({ stage }) => stage))]).toEqual([
    'reply',
    'proposal',
    'lint',
    'compile',
    'load',
    'attach',
  ]);
});
