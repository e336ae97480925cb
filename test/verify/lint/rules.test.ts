import { describe, expect, it } from 'vitest';
import { RULES } from '../../../src/verify/lint/rules/index.js';
import { TEXT_RULES } from '../../../src/verify/lint/text.js';
import { lintPolicy } from '../../../src/verify/lint.js';

const found = async (source: string, id: string) =>
  (await lintPolicy(source, { file: 'x.bpf.c' })).findings.filter(({ rule }) => rule === id);

const { limit: _, ...TEXTS } = TEXT_RULES; // no text of a few lines takes that long
const ALL = [...RULES, ...Object.values(TEXTS)];

describe.each(ALL.map((rule) => ({ rule, id: rule.id })))('$id', ({ rule }) => {
  it('finds its bad example and not its good one', async () => {
    const findings = await found(rule.bad, rule.id);
    expect(findings.map(({ severity }) => severity)).toContain(rule.severity);
    expect(await found(rule.good, rule.id)).toEqual([]);
  });

  it('says what, where the place is in the source, and why', async () => {
    for (const { message, place } of await found(rule.bad, rule.id)) {
      expect(message.length).toBeGreaterThan(10);
      if (place) expect(place.line).toBeLessThanOrEqual(rule.bad.split('\n').length);
    }
    expect(rule.doc.length).toBeGreaterThan(40);
  });
});

it('no two rules share an id', () => {
  expect(new Set(ALL.map(({ id }) => id)).size).toBe(ALL.length);
});

const CALL = 'void BPF_STRUCT_OPS(x_tick, struct task_struct *p)\n{\n\tNAME(p);\n}';
const calling = (name: string) => CALL.replace('NAME', name);

describe('unknown kfuncs', () => {
  const kfuncs = new Set(['scx_bpf_dsq_insert', 'scx_bpf_task_cpu', 'bpf_cpumask_create']);
  const rules = async (name: string, given?: ReadonlySet<string>) =>
    (await lintPolicy(calling(name), { file: 'x', ...(given && { kfuncs: given }) })).findings.filter(
      ({ rule }) => rule === 'lint/unknown-kfunc',
    );

  it('are told by the kernel’s own list, with the name that was meant', async () => {
    expect(await rules('scx_bpf_task_cpus', kfuncs)).toMatchObject([
      { severity: 'error', hint: expect.stringContaining('scx_bpf_task_cpu') },
    ]);
    expect(await rules('bpf_cpumask_creat', kfuncs)).toHaveLength(1);
    expect(await rules('scx_bpf_dsq_peek', kfuncs)).toHaveLength(1);
  });

  it('are only those that no kernel has when the list is not known', async () => {
    expect(await rules('scx_bpf_task_cpus')).toHaveLength(1);
    expect(await rules('scx_bpf_dsq_peek')).toEqual([]);
    expect(await rules('bpf_brand_new_kfunc')).toEqual([]);
  });

  it('are no helpers, no macros, no functions of the policy', async () => {
    for (const name of ['bpf_ktime_get_ns', 'bpf_printk', 'scx_bpf_error', 'scx_bpf_task_cpu'])
      expect(await rules(name, kfuncs)).toEqual([]);
    const own = `static void scx_bpf_mine(void *p)\n{\n}\n${calling('scx_bpf_mine')}`;
    const { findings } = await lintPolicy(own, { file: 'x', kfuncs });
    expect(findings.filter(({ rule }) => rule === 'lint/unknown-kfunc')).toEqual([]);
  });
});
