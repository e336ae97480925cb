import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { checkRequest } from '../../src/change/request.js';
import { changeScopeText } from '../../src/change/scope.js';
import { digestOf } from '../../src/govern/digest.js';
import { Governor } from '../../src/govern/governor.js';
import { parseRules } from '../../src/govern/load.js';
import { findCgroup } from '../../src/host/cgroup.js';
import { reachOf } from '../../src/host/reach.js';
import { parseScope, scopeText as textOf } from '../../src/host/scope.js';
import { canonicalScope } from '../../src/host/scope-text.js';
import { scopeSchema, scopeText } from '../../src/mcp/tools/os/scope.js';
import { enter, group, legacy, unified } from '../host/cgroups.js';

const rules = (...lines: string[]) =>
  new Governor(parseRules(['version: 1', 'rules:', ...lines.map((line) => `  - ${line}`)].join('\n'), 'r'));
const ALLOW = '{ name: all, tools: ["os.**"], decide: allow }';
const call = (scope: string) => ({
  ...{ tool: 'os.scheduler.set_params_staged', caller: 'agent:a', scope, reaches: reachOf(scope) },
});

describe('a scope has one spelling', () => {
  it.each([
    ['cgroup:/x//prod', 'cgroup:/x/prod'],
    ['cgroup:/./x/prod', 'cgroup:/x/prod'],
    ['cgroup:/x/prod/', 'cgroup:/x/prod'],
    ['cgroup:///', 'cgroup:/'],
    ['pid:7,3,7', 'pid:3,7'],
    ['cpus:3,1-2,2', 'cpus:1-3'],
    ['machine', 'machine'],
    ['tree:7', 'tree:7'],
  ])('%s is %s', (text, one) => {
    expect(canonicalScope(text)).toBe(one);
    expect(canonicalScope(one)).toBe(one);
  });

  it.each([
    'cgroup:x',
    'cgroup:/a/../b',
    'cgroup:/a\n',
    'pid:1,x',
    'pid:',
    'cpus:3-1',
    `pid:${'1,'.repeat(5000)}1`,
  ])('%j is none, and stays for whoever refuses it', (text) => expect(canonicalScope(text)).toBe(text));

  it('in which all CPUs are the machine', () => {
    const online = readFileSync('/sys/devices/system/cpu/online', 'utf8').trim();
    expect(changeScopeText(`cpus:${online}`)).toBe('machine');
    expect(changeScopeText(`cpus:${online},${online}`)).toBe('machine');
  });

  it('that rules, journal and idempotency keys see', () => {
    const of = (scope: string) =>
      checkRequest({ values: { slice_ns: 1 }, caller: 'a', idempotencyKey: 'k', scope });
    expect(of('cgroup:/x//prod').scope).toBe('cgroup:/x/prod');
    expect(of('cgroup:/x//prod').hash).toBe(of('cgroup:/x/prod').hash);
    expect(of('pid:2,1').hash).toBe(of('pid:1,2').hash);
  });

  it('that an approval’s digest is of', () => {
    const digest = (scope: unknown) => digestOf('a', 't', { scope: scopeSchema.parse(scope) });
    expect(digest({ cgroup: '/x//./prod/' })).toBe(digest({ cgroup: '/x/prod' }));
    expect(digest({ pids: [2, 1, 2] })).toBe(digest({ pids: [1, 2] }));
    expect(scopeText(scopeSchema.parse({ cgroup: '//x' }))).toBe('cgroup:/x');
  });

  it.runIf(legacy ?? unified)('that the machine is asked by', () => {
    const { path } = group((legacy ?? unified) as string);
    expect(findCgroup(`/.${path}//inner/`).path).toBe(`${path}/inner`);
    expect(textOf(parseScope(`pid:${process.ppid},${process.ppid}`))).toBe(`pid:${process.ppid}`);
  });
});

describe('a denied scope', () => {
  it('is denied in every spelling, also where the rule has another', () => {
    for (const pattern of ['cgroup:/x/prod', 'cgroup:/x//prod/']) {
      const governor = rules(`{ name: prod, tools: ["os.**"], scopes: ["${pattern}"], decide: deny }`, ALLOW);
      for (const scope of ['cgroup:/x/prod', 'cgroup:/x//prod', 'cgroup:/./x/prod', 'cgroup:/x/prod/'])
        expect(governor.decide(call(scope)), scope).toMatchObject({ verdict: 'deny', rule: 'prod' });
      expect(governor.decide(call('cgroup:/x/other')).verdict).toBe('allow');
    }
  });

  it.runIf(legacy ?? unified)(
    'is denied by a task in it, a tree above it, and a group above or below it',
    () => {
      const { path, inner } = group((legacy ?? unified) as string);
      const sleeper = spawn('sleep', ['600']);
      onTestFinished(async () => {
        const gone = new Promise((resolve) => sleeper.once('exit', resolve));
        sleeper.kill('SIGKILL');
        await gone;
      });
      const pid = sleeper.pid as number;
      enter(inner, pid);
      const deny = (name: string) =>
        rules(`{ name: prod, tools: ["os.**"], scopes: ["${name}"], decide: deny }`, ALLOW);
      for (const scope of [`pid:${pid}`, `tree:${pid}`, `cgroup:${path}`, `cgroup:${path}/inner`])
        for (const name of [
          `cgroup:${path}/inner`,
          `cgroup:${path}`,
          `cgroup:${path}/**`,
          `pid:${pid}`,
          `tree:${process.pid}`,
        ])
          expect(deny(name).decide(call(scope)), `${name} ${scope}`).toMatchObject({
            verdict: 'deny',
            rule: 'prod',
          });
      const said = deny(`cgroup:${path}`).decide(call(`pid:${pid}`)).reasons;
      expect(said.at(-1)).toBe(`pid:${pid} holds what this rule is for, by another name`);
      expect(deny('cgroup:/elsewhere').decide(call(`pid:${pid}`)).verdict).toBe('allow');

      const limited = rules(
        `{ name: prod, tools: ["os.**"], scopes: ["cgroup:${path}/**"], limits: { slice_ns: { max: 1ms } }, decide: allow }`,
        ALLOW,
      );
      const of = (slice_ns: number) => limited.decide({ ...call(`pid:${pid}`), values: { slice_ns } });
      expect(of(3_000_000)).toMatchObject({ verdict: 'deny', rule: 'prod', field: 'slice_ns' });
      expect(of(1_000_000)).toMatchObject({ verdict: 'allow', rule: 'all' });
    },
  );

  it('is allowed by nothing but its own name', () => {
    const governor = rules('{ name: mine, tools: ["os.**"], scopes: ["cgroup:/mine"], decide: allow }');
    const decision = governor.decide({ ...call('pid:1'), reaches: ['cgroup:/mine', 'pid:1'] });
    expect(decision).toMatchObject({ verdict: 'deny', rule: null });
  });

  it('is nothing that is gone', () => expect(reachOf('pid:4194303')).toEqual([]));
});
