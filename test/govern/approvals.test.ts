import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Approvals } from '../../src/govern/approvals.js';
import type { Call, Decision } from '../../src/govern/call.js';
import { digestOf } from '../../src/govern/digest.js';
import { Governor } from '../../src/govern/governor.js';
import { parseRules } from '../../src/govern/load.js';
import { openDatabase } from '../../src/sqlite.js';
import { thrown } from '../knobs/thrown.js';

let home: string;
let now: number;
let approvals: Approvals;
const question = (caller = 'agent:a', args: unknown = { a: 1 }) => ({
  caller,
  tool: 't',
  digest: digestOf(caller, 't', args),
  summary: 's',
  rule: 'r',
});

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'tunesmith-approvals-'));
  now = 0;
  approvals = new Approvals(join(home, 'a.sqlite'), () => now);
});
afterEach(() => {
  approvals.close();
  rmSync(home, { recursive: true });
});

it('let exactly one call of that kind through', () => {
  const { id, digest } = approvals.ask(question(), 1000);
  expect(approvals.take(digest)).toBe(null);
  approvals.answer(id, true, 'person:p', 'looks right');
  expect(approvals.take(digestOf('agent:a', 't', { a: 2 }))).toBe(null);
  expect(approvals.take(digestOf('agent:b', 't', { a: 1 }))).toBe(null);
  expect(approvals.take(digest)).toMatchObject({
    id,
    state: 'used',
    by: 'person:p',
    justification: 'looks right',
  });
  expect(approvals.take(digest)).toBe(null);
});

it('are shared with other processes, and their file is private', () => {
  const { id } = approvals.ask(question(), 1000);
  const other = new Approvals(join(home, 'a.sqlite'), () => now);
  other.answer(id, true, 'person:p', 'yes');
  other.close();
  expect(approvals.find(id).state).toBe('approved');
  expect(statSync(join(home, 'a.sqlite')).mode & 0o777).toBe(0o600);
});

it('are looked for while another process holds the lock for writing', () => {
  const asked = approvals.ask(question(), 1000);
  const other = openDatabase(join(home, 'a.sqlite'));
  other.exec('BEGIN IMMEDIATE');
  // Waiting for the lock would end in "database is locked".
  expect(approvals.take(asked.digest)).toBe(null);
  expect(approvals.ask(question(), 1000)).toEqual(asked);
  expect(approvals.find(asked.id).state).toBe('pending');
  other.close();
});

it('are never given by who asked, nor without a reason', () => {
  const { id } = approvals.ask(question('person:p'), 1000);
  expect(thrown(() => approvals.answer(id, true, 'person:p', 'me'))).toMatchObject({ code: 'rejected' });
  expect(thrown(() => approvals.answer(id, true, 'person:q', ' '))).toMatchObject({ code: 'usage' });
  expect(approvals.find(id).state).toBe('pending');
});

it('expire, asked or given', () => {
  const one = approvals.ask(question(), 1000);
  const two = approvals.ask(question('agent:b'), 1000);
  approvals.answer(one.id, true, 'person:p', 'yes');
  now = 1000;
  expect(approvals.take(one.digest)).toBe(null);
  expect(thrown(() => approvals.answer(two.id, true, 'person:p', 'late'))).toMatchObject({
    code: 'rejected',
  });
  expect([one, two].map(({ id }) => approvals.find(id).state)).toEqual(['expired', 'expired']);
});

it('are asked once while they wait, and not without end', () => {
  const { id } = approvals.ask(question(), 1000);
  expect(approvals.ask(question(), 1000).id).toBe(id);
  for (let i = 0; i < 49; i++) approvals.ask(question('agent:a', i), 1000);
  expect(thrown(() => approvals.ask(question('agent:a', 'more'), 1000))).toMatchObject({ code: 'rejected' });
  expect(approvals.ask(question('agent:b', 'more'), 1000).state).toBe('pending');
});

it('denied are denied', () => {
  const { id, digest } = approvals.ask(question(), 1000);
  approvals.answer(id, false, 'person:p', 'no');
  expect(approvals.take(digest)).toBe(null);
  expect(thrown(() => approvals.answer(id, true, 'person:p', 'yes after all'))).toMatchObject({
    code: 'rejected',
  });
});

it('digests do not depend on the order of fields, and on all else', () => {
  expect(digestOf('c', 't', { a: 1, b: [{ c: 2, d: 3 }] })).toBe(
    digestOf('c', 't', { b: [{ d: 3, c: 2 }], a: 1 }),
  );
  const others = [
    digestOf('c', 't', { a: 1 }),
    digestOf('c', 't', { a: '1' }),
    digestOf('c', 'u', { a: 1 }),
    digestOf('d', 't', { a: 1 }),
  ];
  expect(new Set(others).size).toBe(4);
});

it('that was taken and not used can be taken again, while it lasts', () => {
  const { id, digest } = approvals.ask(question(), 1000);
  approvals.answer(id, true, 'person:p', 'looks right');
  expect(approvals.take(digest)).toMatchObject({ id });
  expect(approvals.take(digest)).toBe(null);
  approvals.giveBack(id);
  expect(approvals.take(digest)).toMatchObject({ id });
  approvals.giveBack(id);
  now = 1001;
  expect(approvals.take(digest)).toBe(null);
});

it('let one of two calls through one cooldown, though both were decided and approved before it began', () => {
  const rules = 'version: 1\nrules: [{ name: slow, tools: ["**"], decide: ask, cooldown: 10s }]\n';
  const governor = new Governor(parseRules(rules, 'rules'), () => now);
  const calls = ['agent:a', 'agent:b'].map((caller) => ({ tool: 't', caller }));
  const decisions = calls.map((call) => governor.decide(call));
  expect(decisions.map(({ verdict }) => verdict)).toEqual(['ask', 'ask']);
  const booked = calls.map((call, i) => governor.book(call, decisions[i] as Decision));
  expect(booked).toEqual([
    null,
    expect.objectContaining({ verdict: 'deny', rule: 'slow', retryAfterMs: 10_000 }),
  ]);
  now = 10_000;
  expect(governor.book(calls[1] as Call, decisions[1] as Decision)).toBe(null);
});
