import { describe, expect, it } from 'vitest';
import type { Call } from '../../src/govern/call.js';
import { DEFAULT_RULES } from '../../src/govern/default-rules.js';
import { Governor } from '../../src/govern/governor.js';
import { parseRules } from '../../src/govern/load.js';
import { thrown } from '../knobs/thrown.js';

const rules = (...lines: string[]) => parseRules(['version: 1', ...lines].join('\n'), 'rules.yaml');
const stage: Call = {
  tool: 'os.scheduler.set_params_staged',
  caller: 'agent:a',
  values: { base_slice_ns: 3_000_000 },
  current: { base_slice_ns: 2_800_000 },
  scope: 'machine',
  risk: 'medium',
};
const of = (line: string, clock?: () => number) => new Governor(rules('rules:', `  - ${line}`), clock);

describe('a broken rules file', () => {
  it.each([
    ['version: 2\nrules: []', 'rules.yaml:1:1: version'],
    ['version: 1\nrules:\n  - name: A b\n    tools: [x]\n    decide: allow', 'rules.yaml:3:5: rules.0.name'],
    [
      'version: 1\nrules:\n  - name: a\n    tool: [x]\n    tools: [x]\n    decide: allow',
      'rules.yaml:4:5: rules.0.tool is not known',
    ],
    ['version: 1\nrules:\n  - name: a\n    tools: [x]\n    decide: maybe', 'rules.yaml:5:5: rules.0.decide'],
    ['version: 1\nrules:\n  - name: a\n    tools: [x', 'rules.yaml:4:'],
    [
      'version: 1\nrules:\n  - name: a\n    tools: [x]\n    decide: allow\n    limits: { a_ns: { max_step: 50 } }',
      'rules.yaml:6:23: rules.0.limits.a_ns.max_step',
    ],
    [
      'version: 1\nrules:\n  - name: a\n    tools: [x]\n    decide: allow\n    cooldown: 10',
      'rules.yaml:6:5: rules.0.cooldown',
    ],
    ['version: 1\nrules:\n  - &a { name: a, tools: [x], decide: allow }\n  - *a', 'rules.yaml:1:1: '],
    ['version: 1\nversion: 1\nrules: []', 'rules.yaml:2:1: '],
    [
      'version: 1\nrules:\n  - { name: a, tools: [x], decide: allow }\n  - { name: a, tools: [y], decide: deny }',
      'rules.yaml:4:7: rules.1.name',
    ],
    ['', 'rules.yaml:1:1: '],
  ])('is refused with line and column: %j', (text, where) => {
    const error = thrown(() => parseRules(text, 'rules.yaml'));
    expect(error).toMatchObject({ code: 'usage' });
    expect(error.message.startsWith(where), error.message).toBe(true);
  });

  it('says what a mistyped field may have meant', () => {
    const text = 'version: 1\nrules:\n  - { name: a, tools: [x], decide: allow, cooldwn: 1s }';
    expect(thrown(() => parseRules(text, 'r')).hint).toContain('did you mean cooldown');
  });
});

describe('rules', () => {
  it('deny what none of them is for', () => {
    const decision = new Governor(rules('rules: []')).decide(stage);
    expect(decision).toMatchObject({ verdict: 'deny', rule: null });
    expect(decision.reasons[0]).toContain('no rule lets agent:a');
  });

  it.each([
    ['os.scheduler.*', true],
    ['os.*', false],
    ['os.**', true],
    ['**', true],
    ['os.scheduler.set_params_stage', false],
    ['os_scheduler_set_params_staged', false],
  ])('with tools %s are for the call: %s', (pattern, isFor) => {
    const { verdict } = of(`{ name: a, tools: ["${pattern}"], decide: allow }`).decide(stage);
    expect(verdict).toBe(isFor ? 'allow' : 'deny');
  });

  it('are for their callers, roles, scopes and knobs only', () => {
    const file = rules(
      'callers: { "agent:a": { roles: [writer] } }',
      'rules:',
      '  - { name: scoped, tools: ["**"], scopes: ["cgroup:/db/**"], decide: deny }',
      '  - { name: knob, tools: ["**"], knobs: [slice_ns], decide: deny }',
      '  - { name: role, tools: ["**"], roles: [writer], decide: ask }',
      '  - { name: name, tools: ["**"], callers: ["agent:*"], decide: allow }',
    );
    const governor = new Governor(file);
    expect(governor.decide(stage).rule).toBe('role');
    expect(governor.decide({ ...stage, caller: 'agent:b' }).rule).toBe('name');
    expect(governor.decide({ ...stage, caller: 'toString' }).rule).toBe(null);
    expect(governor.decide({ ...stage, scope: 'cgroup:/db/one' }).rule).toBe('scoped');
    expect(governor.decide({ ...stage, values: { slice_ns: 1_000_000 } }).rule).toBe('knob');
  });

  it('for policies are for calls about them alone, and rules for knobs are not', () => {
    const apply = { ...stage, tool: 'os.policy.apply_staged', policy: 'vtime', values: {}, current: {} };
    const by = (rule: string) => of(`{ name: a, tools: ["**"], ${rule}, decide: allow }`);
    expect(by('policies: [vtime, "f*"]').decide(apply).verdict).toBe('allow');
    expect(by('policies: ["f*"]').decide(apply).verdict).toBe('deny');
    expect(by('policies: ["**"]').decide(stage).verdict).toBe('deny');
    expect(by('knobs: ["**"]').decide(stage).verdict).toBe('allow');
    expect(by('knobs: ["**"]').decide(apply).verdict).toBe('deny');
    expect(
      by('limits: { slice_ns: { max_step: 50% } }').decide({
        ...apply,
        values: { slice_ns: 9 },
        current: { slice_ns: 3 },
      }),
    ).toMatchObject({ verdict: 'deny', field: 'slice_ns' });
  });

  it('limit ranges, with units', () => {
    const governor = of(
      '{ name: a, tools: ["**"], limits: { base_slice_ns: { min: 1ms, max: 4ms }, ttl_sec: { max: 5m } }, decide: allow }',
    );
    const at = (ns: number) => governor.decide({ ...stage, values: { base_slice_ns: ns } });
    expect([1_000_000, 4_000_000].map((ns) => at(ns).verdict)).toEqual(['allow', 'allow']);
    expect(at(999_999)).toMatchObject({ verdict: 'deny', rule: 'a', field: 'base_slice_ns' });
    expect(at(4_000_001).allowed).toBe('at least 1000000 (1 ms), at most 4000000 (4 ms)');
    expect(governor.decide({ ...stage, arguments: { ttl_sec: 301 } })).toMatchObject({ field: 'ttl_sec' });
    expect(governor.decide({ ...stage, arguments: { ttl_sec: 300 } }).verdict).toBe('allow');
  });

  it('limit steps by the value in force', () => {
    const governor = of(
      '{ name: a, tools: ["**"], limits: { base_slice_ns: { max_step: 50% } }, decide: allow }',
    );
    const step = (from: number | undefined, to: number) =>
      governor.decide({
        ...stage,
        values: { base_slice_ns: to },
        current: from === undefined ? {} : { base_slice_ns: from },
      });
    expect(step(2_000_000, 3_000_000).verdict).toBe('allow');
    expect(step(2_000_000, 1_000_000).verdict).toBe('allow');
    expect(step(2_000_000, 3_000_001)).toMatchObject({
      verdict: 'deny',
      allowed: 'from 1000000 (1 ms) to 3000000 (3 ms)',
    });
    expect(step(2_000_000, 999_999).verdict).toBe('deny');
    expect(step(undefined, 2_000_000).verdict).toBe('deny');
  });

  it('keep a rate by caller', () => {
    let now = 0;
    const governor = of('{ name: a, tools: ["**"], rate: { max: 2, per: 10s }, decide: allow }', () => now);
    const go = (caller: string) => {
      const call = { ...stage, caller };
      const decision = governor.decide(call);
      if (decision.verdict === 'allow') governor.book(call, decision);
      return decision;
    };
    expect([go('x'), go('x'), go('x'), go('y')].map(({ verdict }) => verdict)).toEqual([
      'allow',
      'allow',
      'deny',
      'allow',
    ]);
    now = 4000;
    expect(go('x')).toMatchObject({ verdict: 'deny', retryAfterMs: 6000 });
    now = 10_000;
    expect(go('x').verdict).toBe('allow');
  });

  it('keep a cooldown over all callers', () => {
    let now = 0;
    const governor = of('{ name: a, tools: ["**"], cooldown: 1s, decide: allow }', () => now);
    governor.book(stage, governor.decide(stage));
    expect(governor.decide({ ...stage, caller: 'other' })).toMatchObject({
      verdict: 'deny',
      retryAfterMs: 1000,
    });
    now = 1000;
    expect(governor.decide(stage).verdict).toBe('allow');
  });

  it('decide by risk', () => {
    const file = rules(
      'risk: { low: allow, medium: deny, high: deny }',
      'rules: [{ name: a, tools: ["**"], decide: risk }]',
    );
    expect(new Governor(file).decide(stage).reasons[0]).toBe('rule a denies changes of medium risk');
    const usual = of('{ name: a, tools: ["**"], decide: risk }');
    const verdicts = (['low', 'medium', 'high'] as const).map(
      (risk) => usual.decide({ ...stage, risk }).verdict,
    );
    expect(verdicts).toEqual(['allow', 'ask', 'deny']);
  });

  it('built in: look, measure, lab; ask before a change; nothing else', () => {
    const governor = new Governor(parseRules(DEFAULT_RULES, 'built-in'));
    const verdict = (tool: string) => governor.decide({ tool, caller: 'agent:stdio' }).verdict;
    expect(
      ['os.scheduler.describe', 'observability.perf.measure', 'lab.trial', 'resource.settings'].map(verdict),
    ).toEqual(['allow', 'allow', 'allow', 'allow']);
    expect(governor.decide(stage)).toMatchObject({ verdict: 'ask', rule: 'stage' });
    expect(governor.decide({ ...stage, current: { base_slice_ns: 1_000_000 } })).toMatchObject({
      verdict: 'deny',
      field: 'base_slice_ns',
    });
    expect(verdict('os.scheduler.commit_params')).toBe('ask');
    expect(verdict('os.shell')).toBe('deny');
  });
});
