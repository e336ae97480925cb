import { existsSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { FIRST, thrown, workbench } from './bench.js';

const ME = { caller: 'agent:a' };
const SLICE = { values: { base_slice_ns: 6_000_000 }, caller: 'agent:a' };

describe('a change', () => {
  it('is in force when it is staged, and back when it is reverted', () => {
    const bench = workbench();
    const changes = bench.open();
    const { change, token } = changes.stage({ ...SLICE, reason: 'because' });
    expect(change).toMatchObject({
      id: 'c1',
      state: 'staged',
      before: { base_slice_ns: 3_000_000 },
      reason: 'because',
    });
    expect(change.remainingMs).toBeGreaterThan(0);
    expect(bench.value('base_slice_ns')).toBe(6_000_000);
    const back = changes.revert(token, ME, 'it was worse');
    expect(back).toMatchObject({ state: 'reverted', endReason: 'asked', notes: ['it was worse'] });
    expect(back.items[0]?.fate).toBe('put back');
    expect(bench.value('base_slice_ns')).toBe(3_000_000);
    expect(bench.events.map(({ what }) => what)).toEqual(['staged', 'ended']);
  });

  it('stays when it is committed and its process ends, and can still be reverted by an operator', () => {
    const bench = workbench();
    const first = bench.open();
    const { token } = first.stage(SLICE);
    expect(first.commit(token, ME).state).toBe('committed');
    first.close();
    expect(bench.value('base_slice_ns')).toBe(6_000_000);
    const second = bench.open();
    expect(second.list({ states: ['committed'] }).map(({ id }) => id)).toEqual(['c1']);
    expect(second.revert('c1', { operator: 'root' })).toMatchObject({ state: 'reverted' });
    expect(bench.value('base_slice_ns')).toBe(3_000_000);
    expect(readdirSync(bench.dir).filter((name) => name.endsWith('.undo'))).toEqual([]);
  });

  it('does not outlive the service that staged it', () => {
    const bench = workbench();
    const changes = bench.open();
    changes.stage(SLICE);
    changes.close();
    expect(bench.value('base_slice_ns')).toBe(3_000_000);
    expect(bench.open().find('c1')).toMatchObject({ state: 'expired', endReason: 'owner' });
  });

  it('is put back when its time is up, and its token is then good for nothing', async () => {
    const bench = workbench();
    const changes = bench.open();
    const { token } = changes.stage({ ...SLICE, ttlMs: 1000 });
    await expect.poll(() => bench.value('base_slice_ns')).toBe(3_000_000);
    expect(thrown(() => changes.commit(token, ME))).toMatchObject({
      code: 'rejected',
      message: 'c1 is expired because its time ran out',
    });
  });

  it('lives longer when it is renewed', async () => {
    const bench = workbench();
    const changes = bench.open();
    const { token } = changes.stage({ ...SLICE, ttlMs: 1000 });
    expect(changes.renew(token, ME, 60_000).remainingMs).toBeGreaterThan(50_000);
    const other = changes.stage({ values: { nr_migrate: 8 }, caller: 'agent:b', ttlMs: 1000 });
    await expect.poll(() => changes.find(other.token).state).toBe('expired');
    expect(changes.find(token).state).toBe('staged');
  });

  it('of several knobs is all or nothing', () => {
    const bench = workbench();
    symlinkSync(bench.path('nr_migrate'), bench.path('link'));
    const changes = bench.open({
      // A link can be read like the knob, but the deadman writes through none.
      locate: (knob, scope) =>
        knob.name === 'nr_migrate'
          ? {
              ...bench.locate(knob, scope),
              path: bench.path('link'),
              notation: { toText: String, fromText: () => 32 },
            }
          : bench.locate(knob, scope),
    });
    const values = { base_slice_ns: 6_000_000, nr_migrate: 8 };
    const error = thrown(() => changes.stage({ values, caller: 'agent:a', idempotencyKey: 'k' }));
    expect(error.code).toBe('incapable');
    expect(error.message).toMatch(/^nr_migrate \(.*\) cannot be written: .*; nothing is in force$/);
    expect(bench.value('base_slice_ns')).toBe(3_000_000);
    expect(changes.find('c1')).toMatchObject({ state: 'failed', endReason: 'refused' });
  });
});

describe('somebody else', () => {
  it('keeps the value they set in between, and it is told', () => {
    const bench = workbench();
    const changes = bench.open();
    const { token } = changes.stage({ ...SLICE, values: { base_slice_ns: 6_000_000, nr_migrate: 8 } });
    bench.set('base_slice_ns', 4_444_444);
    const change = changes.revert(token, ME);
    expect(bench.value('base_slice_ns')).toBe(4_444_444);
    expect(bench.value('nr_migrate')).toBe(32);
    expect(change.items.map(({ fate }) => fate)).toEqual(['foreign', 'put back']);
    expect(change.items[0]?.found).toBe('4444444');
    expect(change.notes.join()).toContain('was changed by somebody else, from 6000000 to 4444444');
  });

  it('who put the value back already is no stranger', () => {
    const bench = workbench();
    const changes = bench.open();
    const { token } = changes.stage(SLICE);
    bench.set('base_slice_ns', 3_000_000);
    expect(changes.revert(token, ME).items[0]?.fate).toBe('as before');
  });

  it('who takes the knob away leaves nothing to put back', () => {
    const bench = workbench();
    const changes = bench.open();
    const { token } = changes.stage(SLICE);
    rmSync(bench.path('base_slice_ns'));
    expect(changes.revert(token, ME).items[0]?.fate).toBe('gone');
    expect(existsSync(bench.path('base_slice_ns'))).toBe(false);
    expect(thrown(() => changes.stage(SLICE))).toMatchObject({
      code: 'incapable',
      message: expect.stringContaining('cannot be read'),
    });
  });

  it('may not have the same knob staged at once; which change has it is said', () => {
    const bench = workbench();
    const [one, two] = [bench.open(), bench.open()];
    one.stage(SLICE);
    const error = thrown(() => two.stage({ values: { base_slice_ns: 9_000_000 }, caller: 'agent:b' }));
    expect(error).toMatchObject({
      code: 'rejected',
      message: expect.stringContaining('c1 of agent:a is staged on the same'),
    });
    expect(error.hint).toContain('nothing is queued');
    two.stage({ values: { nr_migrate: 8 }, caller: 'agent:b' });
    expect(bench.value('nr_migrate')).toBe(8);
  });

  it('may commit and revert across processes’ deadmen as an operator', () => {
    const bench = workbench();
    const [one, two] = [bench.open(), bench.open()];
    const a = one.stage(SLICE);
    const b = one.stage({ values: { nr_migrate: 8 }, caller: 'agent:a' });
    expect(two.commit(a.change.id, { operator: 'root' }).state).toBe('committed');
    expect(two.revert(b.token, ME).state).toBe('reverted');
    one.close();
    expect([bench.value('base_slice_ns'), bench.value('nr_migrate')]).toEqual([6_000_000, 32]);
  });

  it('cannot pull a value from under a later change', () => {
    const bench = workbench();
    const changes = bench.open();
    changes.commit(changes.stage(SLICE).token, ME);
    const later = changes.stage({ ...SLICE, values: { base_slice_ns: 8_000_000 } });
    expect(thrown(() => changes.revert('c1', { operator: 'root' })).message).toBe(
      'c2 was staged later on the same knob',
    );
    changes.revert(later.token, ME);
    expect(bench.value('base_slice_ns')).toBe(6_000_000);
    changes.revert('c1', { operator: 'root' });
    expect(bench.value('base_slice_ns')).toBe(3_000_000);
  });
});

describe('tokens', () => {
  it.each([
    '',
    'c1',
    'chg_',
    'chg_1',
    'chg_1_zz',
    `chg_0_${'0'.repeat(32)}`,
    `chg_1_${'0'.repeat(33)}`,
    'x'.repeat(10_000),
    '‮',
  ])('of a wrong form are refused: %j', (token) => {
    const changes = workbench().open();
    changes.stage(SLICE);
    expect(thrown(() => changes.commit(token, ME)).code).toBe('usage');
  });

  it('that are forged, another’s or used up are refused, each in its own words', () => {
    const bench = workbench();
    const changes = bench.open();
    const { token } = changes.stage(SLICE);
    const forged = token.replace(/.$/, (last) => (last === '0' ? '1' : '0'));
    expect(thrown(() => changes.commit(forged, ME)).message).toContain('was not made here');
    expect(thrown(() => changes.commit(token.replace('_1_', '_2_'), ME)).message).toContain(
      'was not made here',
    );
    expect(thrown(() => changes.commit(token, { caller: 'agent:b' })).message).toBe(
      'c1 was staged by another caller',
    );
    changes.commit(token, ME);
    expect(thrown(() => changes.commit(token, ME)).message).toBe('c1 is committed');
    changes.revert(token, ME);
    expect(thrown(() => changes.revert(token, ME)).message).toBe(
      'c1 is reverted because somebody asked for it',
    );
  });

  it('of another journal are none of ours', () => {
    const { token } = workbench().open().stage(SLICE);
    const other = workbench().open();
    other.stage(SLICE);
    expect(thrown(() => other.revert(token, ME)).message).toContain('was not made here');
  });
});

describe('an idempotency key', () => {
  it('gives the same change again, and refuses another under it', () => {
    const bench = workbench();
    const changes = bench.open();
    const first = changes.stage({ ...SLICE, idempotencyKey: 'k' });
    const again = changes.stage({ ...SLICE, idempotencyKey: 'k' });
    expect(again).toMatchObject({ repeated: true, token: first.token });
    expect(changes.list()).toHaveLength(1);
    const error = thrown(() =>
      changes.stage({ ...SLICE, values: { base_slice_ns: 7_000_000 }, idempotencyKey: 'k' }),
    );
    expect(error).toMatchObject({ code: 'usage', message: expect.stringContaining('was used for c1') });
    changes.stage({ values: { nr_migrate: 8 }, caller: 'agent:b', idempotencyKey: 'k' });
    expect(changes.list()).toHaveLength(2);
  });
});

describe('bad input', () => {
  it.each([0, -1, 999, 86_400_001, 365 * 86_400_000, 1000.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 63])(
    'a time to live of %d ms',
    (ttlMs) => {
      const error = thrown(() =>
        workbench()
          .open()
          .stage({ ...SLICE, ttlMs }),
      );
      expect(error).toMatchObject({ code: 'usage', message: expect.stringContaining('ttlMs') });
    },
  );

  it.each([Number.NaN, 2 ** 63, -(2 ** 63), 1.5, Number.POSITIVE_INFINITY, -1, 0, 3, 99_999, 100_000_001])(
    'a slice of %d ns',
    (value) => {
      const bench = workbench();
      const changes = bench.open();
      const error = thrown(() => changes.stage({ values: { base_slice_ns: value }, caller: 'a' }));
      expect(error).toMatchObject({ code: 'usage', message: expect.stringContaining('base_slice_ns') });
      expect([bench.value('base_slice_ns'), changes.list().length]).toEqual([FIRST.base_slice_ns, 0]);
    },
  );

  it('a number in the wrong unit: the right one is said', () => {
    const changes = workbench().open();
    expect(thrown(() => changes.stage({ values: { base_slice_ns: 3 }, caller: 'a' })).hint).toContain(
      '3 ms would be 3000000',
    );
  });

  it.each([
    [{ values: {} }, 'values'],
    [{ values: { no_such_knob: 1 } }, 'no_such_knob'],
    [{ values: { latency_ns: 3_000_000 } }, 'latency_ns'],
    [{ scope: 'everything' }, 'scope'],
    [{ scope: 'load' }, 'scope'],
    [{ scope: 'cpus:0-' }, 'scope'],
    [{ scope: 'cpus:9999' }, 'scope'],
    [{ scope: 'cgroup:/no/such/group' }, 'scope'],
    [{ scope: `cgroup:/${'x'.repeat(5000)}` }, 'scope'],
    [{ caller: '' }, 'caller'],
    [{ caller: 'a\u001b[2J' }, 'caller'],
    [{ idempotencyKey: 'k'.repeat(201) }, 'idempotencyKey'],
    [{ reason: 'r\u0000' }, 'reason'],
    [{ guardrails: [{ metric: 'm', rule: 'at most', value: 1, why: '' }] }, 'guardrails'],
  ] as const)('%j', (part, field) => {
    const error = thrown(() =>
      workbench()
        .open()
        .stage({ ...SLICE, ...part } as never),
    );
    expect(error).toMatchObject({ code: 'usage', message: expect.stringContaining(field) });
  });

  it('all CPUs are the whole machine, and only some of them are refused', async () => {
    const { availableParallelism } = await import('node:os');
    const changes = workbench().open();
    const all = [...Array(availableParallelism()).keys()].join();
    expect(changes.preview({ ...SLICE, scope: `cpus:${all}` }).after).toEqual(SLICE.values);
    if (availableParallelism() > 1)
      expect(thrown(() => changes.preview({ ...SLICE, scope: 'cpus:0' })).message).toContain(
        'once for all CPUs',
      );
  });
});

it('after a reboot nothing is written: what was staged has expired, what was committed has lapsed', () => {
  const bench = workbench();
  const changes = bench.open();
  changes.commit(changes.stage(SLICE).token, ME);
  const { token } = changes.stage({ values: { nr_migrate: 8 }, caller: 'agent:a' });
  const [pid] = [changes.deadmanPid as number];
  // As the machine is after a power cut: the journal and the undo lists of another boot, the kernel's own values.
  process.kill(pid, 'SIGSTOP');
  const journal = new Database(join(bench.dir, 'changes.sqlite'));
  const other = '00000000-0000-4000-8000-000000000000';
  journal.prepare('UPDATE changes SET boot = ?').run(other);
  journal.close();
  for (const id of ['c1', 'c2']) {
    const path = join(bench.dir, `${id}.undo`);
    writeFileSync(path, readFileSync(path, 'utf8').replace(/[0-9a-f-]{36}(?=\n)/, other));
  }
  bench.set('base_slice_ns', 2_800_000);
  bench.set('nr_migrate', 16);
  const next = bench.open();
  expect(next.recovered.map(({ id, state, endReason }) => [id, state, endReason])).toEqual([
    ['c2', 'expired', 'reboot'],
    ['c1', 'lapsed', 'reboot'],
  ]);
  expect([bench.value('base_slice_ns'), bench.value('nr_migrate')]).toEqual([2_800_000, 16]);
  expect(thrown(() => next.commit(token, ME)).message).toContain('started anew');
  process.kill(pid, 'SIGKILL');
});

it('a preview writes nothing', () => {
  const bench = workbench();
  const changes = bench.open();
  expect(changes.preview(SLICE)).toMatchObject({ before: { base_slice_ns: 3_000_000 }, after: SLICE.values });
  expect([
    changes.list().length,
    bench.value('base_slice_ns'),
    readdirSync(bench.dir).some((name) => name.endsWith('.undo')),
  ]).toEqual([0, 3_000_000, false]);
});

it('what cannot be recorded does not stay in force', () => {
  const bench = workbench();
  const changes = bench.open({
    onEvent: () => {
      throw new Error('no room');
    },
  });
  expect(thrown(() => changes.stage(SLICE)).message).toBe('no room');
  expect(bench.value('base_slice_ns')).toBe(3_000_000);
});

it('a damaged journal is refused, and panic needs none', async () => {
  const bench = workbench();
  const changes = bench.open();
  changes.commit(changes.stage(SLICE).token, ME);
  changes.close();
  const { writeFileSync } = await import('node:fs');
  writeFileSync(join(bench.dir, 'changes.sqlite'), 'nonsense '.repeat(1000));
  expect(thrown(() => bench.open())).toMatchObject({
    code: 'incapable',
    hint: expect.stringContaining('tunesmith panic'),
  });
  const { sweep } = await import('../../src/change/deadman.js');
  expect(sweep('panic', bench.dir, bench.home)).toEqual({ done: true, lines: ['c1: put back'] });
  expect(bench.value('base_slice_ns')).toBe(3_000_000);
});
