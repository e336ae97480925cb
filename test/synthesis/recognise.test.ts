import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { MISTAKES, soundProposal } from '../../src/bench/synthesis/script.js';
import { findPolicy, policyNames } from '../../src/policies/catalogue.js';
import { declaredTunables } from '../../src/policies/tunables.js';
import { overstepped } from '../../src/synthesis/model/boundary.js';
import { recognised } from '../../src/synthesis/model/recognise.js';
import { assemble, callbacksIn } from '../../src/synthesis/model/template.js';
import { lintPolicy } from '../../src/verify/lint.js';

const sound = soundProposal();
const FIRST = 'const u64 vtime = vtime_clamp(p->scx.dsq_vtime, clock, slice_ns);';
const withLine = (line: string) =>
  assemble({ ...sound, code: sound.code.replace(FIRST, `${line}\n\t${FIRST}`) });

/** The same with helpers before the callbacks. */
const withHelper = (helper: string, line: string) => {
  const code = sound.code.replace(FIRST, `${line}\n\t${FIRST}`);
  return assemble({ ...sound, code: code.replace('POLICY_RUN_TIME', `POLICY_RUN_TIME\n\n${helper}`) });
};
const HEAD = 'enq_flags |= SCX_ENQ_HEAD;';

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
    ['comm', 'char n[16]; BPF_CORE_READ_STR_INTO(&n, p, comm);'],
    ['comm', 'char n[16]; bpf_probe_read_kernel_str(n, 16, &p->group_leader->comm);'],
    ['pid', `if (BPF_CORE_READ(p, pid) == 77) ${HEAD}`],
    ['pid', `u32 me; bpf_probe_read_kernel(&me, 4, &p->pid); if (me & 1) ${HEAD}`],
    ['pid', `if (p->thread_pid->numbers[0].nr == 5) ${HEAD}`],
    ['pid', `if (p->pid & 1) ${HEAD}`],
    ['pid', `if (p->pid - 100 < 20) ${HEAD}`],
    ['pid', `if (!(p->pid >> 7)) ${HEAD}`],
    ['pid', `if ((u32)bpf_get_current_pid_tgid() == 9) ${HEAD}`],
    ['pid', `if (p->pid == p->tgid) ${HEAD}`],
    ['pid', `if (p->tgid == 7) ${HEAD}`],
    ['pid', 'u32 at = offsetof(struct task_struct, pid);'],
    ['cpu', `if (scx_bpf_task_cpu(p) & 1) ${HEAD}`],
    ['cpu', `if (!scx_bpf_task_cpu(p)) ${HEAD}`],
    ['cpu', `if (scx_bpf_task_cpu(p)) ${HEAD}`],
    ['cpu', `if (scx_bpf_task_cpu(p) >> 1 || 0) ${HEAD}`],
    ['cpu', `s32 c = scx_bpf_task_cpu(p); if (c + 1 == 2) ${HEAD}`],
    ['cpu', `if ((1 << bpf_get_smp_processor_id()) & 5) ${HEAD}`],
    ['cpu', `if (p->wake_cpu == 1) ${HEAD}`],
    ['cpu', `s32 at; bpf_probe_read_kernel(&at, 4, &p->wake_cpu); if (at == 1) ${HEAD}`],
    ['cpu', `switch (scx_bpf_task_cpu(p)) { case 1: ${HEAD} }`],
    ['cpu', `const s32 mine = 1; if (scx_bpf_task_cpu(p) == mine) ${HEAD}`],
    ['clock', `if (vtime_before(scx_bpf_now(), 2000000000ull)) ${HEAD}`],
    ['clock', `if (!(scx_bpf_now() >> 31)) ${HEAD}`],
    ['clock', `u64 now = scx_bpf_now() - 5; if (now > 3000000000ull) ${HEAD}`],
  ])('by its %s is refused: %s', async (what, line) => {
    const rejection = await recognised(withLine(line));
    expect(rejection?.rule).toContain(what);
    const own = withLine(line)
      .source.split('\n')
      .slice(withLine(line).firstLine - 1);
    expect(own[(rejection?.line ?? 0) - 1]?.trim()).toBe(rejection?.text);
  });

  it.each([
    ['pid', 'static u32 first;', `if (!first) first = p->pid; if (p->pid == first) ${HEAD}`],
    ['pid', '#define ID(t) ((t)->pid)', `if (ID(p) == 3) ${HEAD}`],
    ['pid', 'static bool known(pid_t one) { return one == 3; }', `if (known(p->pid)) ${HEAD}`],
    ['pid', 'static struct task_struct *kept;', `if (kept && kept->tgid == p->tgid) ${HEAD}`],
    ['cpu', 'static bool first(s32 c) { return c == 0; }', `if (first(scx_bpf_task_cpu(p))) ${HEAD}`],
    [
      'cpu',
      'static s32 at(struct task_struct *p) { return scx_bpf_task_cpu(p); }',
      `if (at(p) == 1) ${HEAD}`,
    ],
    ['cpu', 'static s32 seen;', `seen = scx_bpf_task_cpu(p); if (seen == 1) ${HEAD}`],
    ['cpu', '#define IS_ODD(c) ((c) & 1)', `if (IS_ODD(scx_bpf_task_cpu(p))) ${HEAD}`],
    ['cpu', '#define HERE bpf_get_smp_processor_id()', `if (HERE == 1) ${HEAD}`],
    ['cpu', 'static const bool odd[2] = { 0, 1 };', `if (odd[scx_bpf_task_cpu(p)]) ${HEAD}`],
    [
      'cpu',
      'struct mine { s32 last; };',
      `struct mine m; m.last = scx_bpf_task_cpu(p); if (m.last == 1) ${HEAD}`,
    ],
    ...[
      'if (!began) began = scx_bpf_now();',
      'if (began == 0) { began = scx_bpf_now(); }',
      'if (began) { } else began = scx_bpf_now();',
      'began = began ? began : scx_bpf_now();',
      'began = began ?: scx_bpf_now();',
      '__sync_val_compare_and_swap(&began, 0, scx_bpf_now());',
    ].flatMap((once): [string, string, string][] => [
      ['clock', 'static u64 began;', `${once} if (scx_bpf_now() - began > 2000000000ull) ${HEAD}`],
      ['clock', 'static u64 began;', `${once} if (scx_bpf_now() > began + 2000000000ull) ${HEAD}`],
    ]),
    [
      'clock',
      'static u64 began;\nstatic void note(void)\n{\n\tif (began)\n\t\treturn;\n\tbegan = scx_bpf_now();\n}',
      `note(); u64 age = scx_bpf_now() - began; if (age > 2000000000ull) ${HEAD}`,
    ],
    [
      'clock',
      'static u64 began;\nstatic bool noted;',
      `if (!noted) { noted = true; began = scx_bpf_now(); } if (scx_bpf_now() - began > slice_ns) ${HEAD}`,
    ],
  ])('by its %s is refused through %s', async (what, helper, line) => {
    expect((await recognised(withHelper(helper, line)))?.rule).toContain(what);
  });

  it('by the time since it was attached is refused', async () => {
    const began = sound.code
      .replace('static u64 clock;', 'static u64 clock, began;')
      .replace('\treturn scx_bpf_create_dsq', '\tbegan = scx_bpf_now();\n\treturn scx_bpf_create_dsq')
      .replace(FIRST, `if (scx_bpf_now() - began > 2000000000ull) ${HEAD}\n\t${FIRST}`);
    expect((await recognised(assemble({ ...sound, code: began })))?.rule).toBe('proposal/recognises-clock');
  });

  it.each([
    ['static u64 last;', `u64 now = scx_bpf_now(); if (now - last > 1000000) ${HEAD} last = now;`],
    [
      'static u64 since;',
      `u64 now = scx_bpf_now(); if (!since || now - since > 100000000) since = now; if (now - since > 50000000) ${HEAD}`,
    ],
    [
      'struct mine { u64 woke; };\nPOLICY_TASK_CONTEXT(struct mine)',
      `struct mine *m = task_context(p); u64 now = scx_bpf_now(); if (m && m->woke && now - m->woke > slice_ns) ${HEAD} if (m) m->woke = now;`,
    ],
    [
      'struct mine { u64 due; };\nPOLICY_CPU_CONTEXT(struct mine)',
      `struct mine *m = cpu_context(scx_bpf_task_cpu(p)); if (!m) return; if (scx_bpf_now() > m->due) m->due = scx_bpf_now() + slice_ns;`,
    ],
    [
      'static u32 group_of(s32 cpu) { return (u32)cpu % 1024; }',
      'u32 group = group_of(scx_bpf_task_cpu(p)); u32 queued = scx_bpf_dsq_nr_queued(group); if (queued > 3) enq_flags |= 0;',
    ],
    [
      'static s32 lasts[64];',
      's32 cpu = scx_bpf_task_cpu(p); if ((u32)cpu >= 64) return; lasts[cpu & 63] = cpu;',
    ],
    [
      'static s32 idle_of(struct task_struct *p) { return scx_bpf_pick_idle_cpu(p->cpus_ptr, 0); }',
      's32 found = idle_of(p); if (found >= 0 && found != scx_bpf_task_cpu(p)) scx_bpf_kick_cpu(found, SCX_KICK_IDLE);',
    ],
  ])('is told from one that decides by behaviour, with %s', async (helper, line) => {
    expect(await recognised(withHelper(helper, line))).toBeNull();
  });

  it.each([
    'const struct cpumask *idle = scx_bpf_get_idle_cpumask(); if (bpf_cpumask_test_cpu(scx_bpf_task_cpu(p), idle)) enq_flags |= 0; scx_bpf_put_idle_cpumask(idle);',
    's32 cpu = scx_bpf_task_cpu(p); scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL_ON | cpu, slice_ns, enq_flags); return;',
    'bool is_idle = false; s32 cpu = scx_bpf_select_cpu_dfl(p, scx_bpf_task_cpu(p), 0, &is_idle); if (is_idle) scx_bpf_kick_cpu(cpu, 0);',
    's32 cpu = bpf_cpumask_first(p->cpus_ptr); if ((u32)cpu < scx_bpf_nr_cpu_ids()) enq_flags |= 0;',
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

/** A shipped policy with the headers that are its own. */
const shipped = (name: string): string =>
  readFileSync(findPolicy(name).source, 'utf8').replaceAll(/#include "(genes_\w+\.bpf\.h)"/g, (_, header) =>
    readFileSync(new URL(`../../bpf/${header}`, import.meta.url), 'utf8'),
  );

describe('the shipped policies', () => {
  /** They name CPUs by their number, which is what they are for. */
  const BY_NUMBER = ['central', 'compact'];

  it.each(policyNames())('%s', async (name) => {
    const rejection = await recognised({ source: shipped(name), firstLine: 1 });
    expect(rejection?.rule).toBe(BY_NUMBER.includes(name) ? 'proposal/fixed-cpu' : undefined);
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
