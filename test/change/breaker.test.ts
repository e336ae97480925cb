import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Breaker } from '../../src/host/policy/breaker.js';
import { guard } from '../../src/host/policy/guard.js';
import type { PolicyStatus } from '../../src/host/policy/native.js';
import type { Policy } from '../../src/host/policy/policy.js';

const DAY_MS = 86_400_000;
let home: string;
let now: number;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'breaker-test-'));
  now = 1_000_000;
});
afterEach(() => rmSync(home, { recursive: true }));

const breaker = (id = 'a'): Breaker => new Breaker(id, { home, now: () => now });
const isOpen = (one: Breaker): boolean => {
  try {
    one.assertClosed();
    return false;
  } catch {
    return true;
  }
};

describe('a breaker', () => {
  it('is closed until it is tripped, then open for a minute, for that policy alone and for later processes', () => {
    expect(isOpen(breaker())).toBe(false);
    expect(breaker().trip('it starved')).toBe(60_000);
    expect([isOpen(breaker()), isOpen(breaker('b'))]).toEqual([true, false]);
    now += 59_001;
    expect(() => breaker().assertClosed()).toThrow(
      expect.objectContaining({
        code: 'rejected',
        message: 'the policy was ejected once, lately because: it starved',
        hint: 'it may be tried again in 1 s',
      }),
    );
    now += 999;
    expect(isOpen(breaker())).toBe(false);
  });

  it('doubles its wait with each trip, up to a day', () => {
    const waits = Array.from({ length: 14 }, () => breaker().trip('again'));
    expect(waits.slice(0, 4)).toEqual([60_000, 120_000, 240_000, 480_000]);
    expect(waits.slice(10, 14)).toEqual([60_000 * 2 ** 10, DAY_MS, DAY_MS, DAY_MS]);
    expect(() => breaker().assertClosed()).toThrow('14 times');
  });

  it('forgets when it is reset', () => {
    breaker().trip('one');
    breaker().trip('two');
    breaker().reset();
    expect(isOpen(breaker())).toBe(false);
    expect(breaker().trip('three')).toBe(60_000);
  });

  it.each(['', '{"trips":', '{"trips":0,"until":9e15,"reason":""}', '[]'])(
    'takes a damaged record for none: %j',
    (text) => {
      breaker().trip('one');
      breaker().trip('two');
      const [file] = readdirSync(home) as [string];
      writeFileSync(join(home, file), text);
      expect(isOpen(breaker())).toBe(false);
      expect(breaker().trip('three')).toBe(60_000);
    },
  );
});

describe('guard', () => {
  const STATUS: PolicyStatus = {
    ...{ name: 'sly', ops: 'sly', state: 'enabled', attached: true, enabled: true, exit: null },
    ...{ supported: true, switch_all: true, rejected: 0, events: {}, figures: {} },
  };

  /** A policy that looks so, one look after the other; the last for good. */
  const looking = (...looks: Partial<PolicyStatus>[]) => {
    let [at, detached] = [0, false];
    const policy = {
      status: () => ({ ...STATUS, ...looks[Math.min(at++, looks.length - 1)] }),
      detach: () => {
        detached = true;
      },
    };
    return { policy: policy as unknown as Policy, wasDetached: () => detached };
  };
  const EVENT = 'SCX_EV_INSERT_NOT_OWNED';

  it('ejects a policy whose error events rise, and opens the breaker with the reason', async () => {
    const { policy, wasDetached } = looking({ events: { [EVENT]: 3 } }, { events: { [EVENT]: 20 } });
    const end = await guard(policy, breaker(), { intervalMs: 1 });
    expect(end).toMatchObject({ cause: 'errors-rising', waitMs: 60_000 });
    expect(end.explanation).toContain(`${EVENT} +17`);
    expect(wasDetached()).toBe(true);
    expect(() => breaker().assertClosed()).toThrow(`${EVENT} +17`);
  });

  it('leaves the breaker closed for a policy that asks to be started again', async () => {
    const exit = { kind: 65, code: 2 ** 48 + 7, reason: '', message: 'cpu 1', source: 'record' as const };
    const end = async (code: number) =>
      guard(looking({}, { enabled: false, exit: { ...exit, code } }).policy, breaker(), { intervalMs: 1 });
    expect(await end(exit.code)).toMatchObject({ cause: 'restart', waitMs: 0 });
    expect(isOpen(breaker())).toBe(false);
    expect(await end(7)).toMatchObject({ cause: 'ejected', waitMs: 60_000 });
    expect(isOpen(breaker())).toBe(true);
  });

  it('forgets earlier ejections of a policy that has held for as long as it takes, and not before', async () => {
    const tripsAfter = async (provenMs: number): Promise<number> => {
      breaker().reset();
      breaker().trip('one');
      breaker().trip('two');
      const held = looking({}, {}, { enabled: false });
      const end = await guard(held.policy, breaker(), { intervalMs: 1, provenMs });
      expect(end.cause).toBe('ejected');
      return end.waitMs;
    };
    expect(await tripsAfter(0)).toBe(60_000);
    expect(await tripsAfter(600_000)).toBe(240_000);
  });
});
