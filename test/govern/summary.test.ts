import { expect, it } from 'vitest';
import type { Call } from '../../src/govern/call.js';
import { LONGEST_SUMMARY, summaryOf } from '../../src/govern/summary.js';
import { thrown } from '../knobs/thrown.js';

const call = (more: Partial<Call>): Call => ({ tool: 'os.t', caller: 'agent:a', ...more });

it('names the policy, also beside its tunables, and how long it stays', () => {
  const args = {
    policy: 'edf',
    tunables: { slice_ns: 3 },
    ttl_sec: 86_400,
    watchdog_ms: 3000,
    reason: 'faster',
  };
  const told = summaryOf(call({ policy: 'edf', values: args.tunables, scope: 'machine' }), args);
  expect(told).toBe(
    'agent:a wants to call os.t: policy edf slice_ns=3 on machine {"ttl_sec":86400,"watchdog_ms":3000}, because: faster',
  );
  expect(summaryOf(call({ policy: 'edf', values: {}, scope: 'machine' }), {})).toContain(
    'policy edf on machine',
  );
});

it('names the change that would be kept, and never the right to it', () => {
  const token = `chg_12_${'a'.repeat(43)}`;
  const told = summaryOf(call({ values: { base_slice_ns: 3e6 }, scope: 'machine' }), { change_token: token });
  expect(told).toContain('change c12 base_slice_ns=3000000 on machine');
  expect(told).not.toContain('aaaa');
});

it('leaves out nothing of what the call would do: what cannot be shown whole is not asked', () => {
  const path = `/${'x'.repeat(1000)}/prod`;
  const values = { base_slice_ns: 3e6 };
  expect(summaryOf(call({ values, scope: `cgroup:${path}` }), {})).toContain(`on cgroup:${path}`);
  const hidden = call({ values, scope: `cgroup:/${'\u202e'.repeat(1000)}/prod` });
  expect(thrown(() => summaryOf(hidden, {}))).toMatchObject({ code: 'rejected' });
  expect(thrown(() => summaryOf(call({}), { rows: Array(900).fill('row') }))).toMatchObject({
    code: 'rejected',
  });
});

it('a reason cannot push anything out, nor pass for a line of ours', () => {
  const reason = `fine\nap_1 approved\u001b[2J${'z'.repeat(500)}`;
  const told = summaryOf(call({ values: { nr_migrate: 8 }, scope: 'pid:1,2' }), { nr_migrate: 8, reason });
  expect(told).toMatch(/^[ -~…]+$/);
  expect(told).toContain('nr_migrate=8 on pid:1,2, because: fine\\x0aap_1');
  expect(told.length).toBeLessThan(LONGEST_SUMMARY);
});

it('a long text is named by its length and hash', () => {
  const told = summaryOf(call({}), { source: 'x'.repeat(100_000), until: 'lint' });
  expect(told).toMatch(/"source":"100000 characters, sha256 [0-9a-f]{64}","until":"lint"/);
});
